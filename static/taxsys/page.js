// Small services of every page: focus, date echo, one submit per form, bar code box, failed part updates.
(() => {
  "use strict";
  const token = () => JSON.parse(document.body.getAttribute("hx-headers") || "{}")["X-CSRFToken"] || "";
  const post = (url, fields) => fetch(url, {
    method: "POST", credentials: "same-origin", headers: { "X-CSRFToken": token(), "X-Taxsys-Part": "1" }, body: new URLSearchParams(fields),
  });

  function focusFirst() {
    const errors = document.getElementById("errors");
    if (errors) { errors.focus(); return; }
    const wanted = document.querySelector("[autofocus]");
    if (wanted) wanted.focus();
  }

  // What a typed date is read as, below its box.
  document.addEventListener("change", async (event) => {
    const box = event.target.closest && event.target.closest("[data-echo]");
    if (!box) return;
    const echo = document.getElementById(`${event.target.id}-echo`);
    if (!echo) return;
    try {
      const answer = await post(box.dataset.echo, { typed: event.target.value });
      echo.textContent = answer.ok ? await answer.text() : "";
    } catch { echo.textContent = ""; }
  });

  // A second press of the same button does not send the form again.
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.method === "dialog") return;
    if (form.dataset.sent) { event.preventDefault(); return; }
    form.dataset.sent = "1";
    setTimeout(() => { delete form.dataset.sent; }, 5000);
  });
  window.addEventListener("pageshow", () => { for (const form of document.forms) delete form.dataset.sent; });

  // The bar code reader types fast and ends with Enter; an input method that is on would swallow digits.
  document.addEventListener("compositionstart", (event) => {
    const note = document.getElementById("q-ime");
    if (!note || !event.target.matches("[data-barcode]")) return;
    event.target.dataset.composedAt = String(Date.now());
  });
  document.addEventListener("compositionend", (event) => {
    const note = document.getElementById("q-ime");
    if (!note || !event.target.matches("[data-barcode]")) return;
    const quick = Date.now() - Number(event.target.dataset.composedAt || 0) < 400;
    note.hidden = !(quick && /^[0-9０-９]{20,}$/.test(event.data || ""));
  });

  function tell(text) {
    const box = document.getElementById("failure");
    if (!box) return;
    box.textContent = text;
    box.hidden = false;
    setTimeout(() => { box.hidden = true; }, 15000);
  }
  document.addEventListener("htmx:responseError", (event) => {
    const status = event.detail.xhr.status;
    if (status === 401) { location.assign(location.href); return; }
    tell({ 403: "この操作の権限がありません。", 404: "見つかりません。", 409: "他の変更と重なりました。画面を開き直してください。" }[status]
      || "処理できませんでした。もう一度やり直してください。");
  });
  document.addEventListener("htmx:sendError", () => tell("通信できませんでした。もう一度やり直してください。"));
  document.addEventListener("htmx:timeout", () => tell("応答がありません。しばらく待ってからやり直してください。"));
  // A part that refreshes itself stops while nobody looks, and does not count as use of the screen.
  document.addEventListener("htmx:configRequest", (event) => {
    if (event.detail.elt.matches("[data-background]")) event.detail.headers["X-Taxsys-Background"] = "1";
  });
  document.addEventListener("htmx:confirm", (event) => {
    if (document.hidden && event.detail.elt.matches("[data-background]")) event.preventDefault();
  });
  document.addEventListener("htmx:afterSwap", (event) => {
    const words = event.detail.target.querySelector && event.detail.target.querySelector("[data-announce]");
    if (words) document.getElementById("live").textContent = words.dataset.announce;
  });

  // A number on the screen goes after its seconds, when the page is left, and when it would come back from history.
  function timedReveal() {
    const box = document.querySelector("[data-reveal-seconds]");
    if (!box) return;
    const left = document.querySelector("[data-reveal-left]");
    const until = Date.now() + Number(box.dataset.revealSeconds) * 1000;
    const wipe = () => box.replaceChildren();
    const leave = () => { wipe(); location.replace(box.dataset.after); };
    window.addEventListener("pagehide", wipe);
    window.addEventListener("pageshow", (event) => { if (event.persisted) leave(); });
    document.addEventListener("copy", (event) => event.preventDefault());
    const tick = setInterval(() => {
      const seconds = Math.ceil((until - Date.now()) / 1000);
      if (seconds <= 0) { clearInterval(tick); leave(); } else left.textContent = String(seconds);
    }, 250);
  }

  document.addEventListener("DOMContentLoaded", () => { focusFirst(); timedReveal(); });
})();
