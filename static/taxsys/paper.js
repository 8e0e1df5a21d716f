// A page laid out like a paper: Enter goes to the next box, amounts get their commas, and the declared checks speak
// while typing. The server decides; this only says it sooner.
(() => {
  "use strict";
  const form = document.querySelector("form[data-paper]");
  if (!form) return;
  const boxes = () => [...form.querySelectorAll("input[data-box], #id_person_no, input[name=party]")]
    .filter((box) => !box.disabled && box.getClientRects().length > 0);
  const box = (name) => form.elements.namedItem(name);
  const plain = (text) => (text || "").normalize("NFKC").replace(/[,円人\s]/g, "").replace(/^[△▲−]/, "-");
  const say = (name, words) => {
    const place = document.getElementById(`id_${name}-live`);
    if (place && place.textContent !== words) place.textContent = words;
  };

  function amount(name) {
    const found = box(name);
    const text = found ? plain(found.value) : "";
    if (!text) return 0;
    return /^-?[0-9]{1,15}$/.test(text) ? Number(text) : (text ? 1 : 0);
  }
  const filled = (name) => { const found = box(name); return Boolean(found && plain(found.value) && plain(found.value) !== "0"); };
  function named(role) {
    let count = 0;
    for (const field of form.querySelectorAll(`input[name^="${role}_"][name$="_name"]`)) if (field.value.trim()) count += 1;
    return count;
  }
  function holds(check) {
    const total = check.others.reduce((sum, name) => sum + amount(name), 0);
    if (check.kind === "at_least") return named(check.box) <= total;
    if (!filled(check.box)) return true;
    if (check.kind === "sum") return amount(check.box) === total || check.others.some((name) => amount(name) < 0);
    if (check.kind === "within") return amount(check.box) <= total;
    const other = check.others.some(filled);
    return check.kind === "not_beside" ? !other : other;
  }
  function corporate(text) {
    const digits = plain(text);
    if (!digits) return "";
    if (!/^[0-9]{13}$/.test(digits)) return "法人番号は13桁です。";
    let sum = 0;
    [...digits.slice(1)].reverse().forEach((digit, at) => { sum += Number(digit) * (1 + at % 2); });
    return 9 - sum % 9 === Number(digits[0]) ? "" : "法人番号の検査数字が合いません。";
  }
  function own(field) {
    const text = plain(field.value);
    const kind = field.dataset.box;
    if (!text) return "";
    if (field.dataset.codes) {
      const codes = new Map(field.dataset.codes.split("|").map((one) => one.split("=")));
      return codes.has(text) ? codes.get(text) : `符号は ${[...codes.keys()].join("・")} のどれかです。`;
    }
    if (kind === "yen" && !/^[0-9]{1,12}$/.test(text)) return "円単位の整数で入力してください。";
    if (kind === "signed" && !/^-?[0-9]{1,12}$/.test(text)) return "円単位の整数で入力してください。";
    if (kind === "count" && !/^[0-9]{1,2}$/.test(text)) return "人数を数字で入力してください。";
    if (kind === "corporate") return corporate(text);
    return "";
  }
  const checks = JSON.parse(form.dataset.checks || "[]");
  function look() {
    const words = new Map();
    for (const field of boxes()) if (field.dataset.box) words.set(field.name, own(field));
    for (const check of checks) {
      const place = check.kind === "at_least" ? `${check.box}_1_name` : check.box;
      if (!holds(check)) words.set(place, [words.get(place), check.message].filter(Boolean).join(" "));
    }
    for (const [name, text] of words) say(name, text);
  }

  form.addEventListener("change", (event) => {
    const kind = event.target.dataset.box;
    if (kind === "yen" || kind === "signed") {
      const text = plain(event.target.value);
      if (/^-?[0-9]{1,12}$/.test(text)) event.target.value = Number(text).toLocaleString("ja-JP");
    }
    look();
  });
  form.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.isComposing || event.keyCode === 229 || event.ctrlKey || event.altKey) return;
    if (!/^(INPUT|SELECT)$/.test(event.target.tagName)) return;
    event.preventDefault();
    const all = boxes();
    const next = all[all.indexOf(event.target) + (event.shiftKey ? -1 : 1)];
    if (next) { next.focus(); if (next.select) next.select(); }
    else form.querySelector('[data-key="F9"]').focus();
  });
  const wrong = form.querySelector("[aria-invalid=true]");
  if (!wrong && !document.getElementById("errors")) { const first = boxes()[0]; if (first) { first.focus(); first.select(); } }
  look();
})();
