// Keyboard of the house: function keys, tabs, lists. Everything here only presses links and buttons that are on the page.
(() => {
  "use strict";
  const FUNCTION_KEYS = ["F1", "F2", "F4", "F8", "F9", "F10", "Escape"];
  // While kana are being converted, F6–F10, Enter and Esc belong to the input method.
  const composing = (event) => event.isComposing || event.keyCode === 229;
  const visible = (element) => element && !element.disabled && element.getClientRects().length > 0;

  function press(key) {
    const target = [...document.querySelectorAll(`[data-key="${key}"]`)].find(visible);
    if (!target) return false;
    target.click();
    return true;
  }

  function functionKey(event) {
    if (event.ctrlKey || event.altKey || event.metaKey || event.shiftKey) return false;
    if (!FUNCTION_KEYS.includes(event.key)) return false;
    if (event.key === "Escape" && document.querySelector("dialog[open]")) return false;
    if (event.key === "F2") {
      const box = document.getElementById("q");
      if (visible(box)) { box.focus(); box.select(); event.preventDefault(); return true; }
    }
    const pressed = press(event.key);
    if (pressed || event.key === "F1" || event.key === "F10") event.preventDefault();
    return pressed;
  }

  function tabKey(event) {
    if (!event.altKey || event.ctrlKey || event.metaKey || !/^Digit[0-9]$/.test(event.code)) return false;
    const tab = document.querySelector(`[data-tab="${event.code.slice(5)}"]`);
    if (!tab) return false;
    event.preventDefault();
    tab.click();
    return true;
  }

  function stepKey(event) {
    const way = { ArrowUp: "previous", ArrowDown: "next" }[event.key];
    if (!way || !event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return false;
    const link = document.querySelector(`[data-step="${way}"]`);
    if (!link) return false;
    event.preventDefault();
    link.click();
    return true;
  }

  function submitKey(event) {
    if (!event.ctrlKey || event.key !== "Enter" || event.repeat) return false;
    const form = event.target.closest && event.target.closest("form");
    if (!form) return press("F9");
    event.preventDefault();
    const main = form.querySelector('[data-key="F9"]');
    form.requestSubmit(main && main.type === "submit" ? main : undefined);
    return true;
  }

  // One tab stop per table: arrows move the current row, Enter opens it.
  const rowsOf = (table) => [...table.tBodies[0].rows].filter((row) => row.querySelector("a[href]"));
  const linkOf = (row) => row.querySelector("a[href]");
  function choose(table, row, focus) {
    for (const other of rowsOf(table)) {
      other.removeAttribute("aria-selected");
      linkOf(other).tabIndex = -1;
    }
    row.setAttribute("aria-selected", "true");
    linkOf(row).tabIndex = 0;
    if (focus) { linkOf(row).focus(); row.scrollIntoView({ block: "nearest" }); }
  }
  function listKey(event) {
    const table = event.target.closest && event.target.closest("table[data-rows]");
    if (!table || event.ctrlKey || event.altKey || event.metaKey) return false;
    if (/^(INPUT|SELECT|TEXTAREA)$/.test(event.target.tagName)) return false;
    const rows = rowsOf(table);
    const at = rows.indexOf(event.target.closest("tr"));
    const page = { PageUp: "previous", PageDown: "next" }[event.key];
    if (page) {
      const link = document.querySelector(`[data-page="${page}"]`);
      if (!link) return false;
      event.preventDefault(); link.click(); return true;
    }
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: rows.length - 1 }[event.key];
    if (to === undefined || !rows[to]) return false;
    event.preventDefault();
    choose(table, rows[to], true);
    return true;
  }
  function prepareLists(root) {
    for (const table of root.querySelectorAll("table[data-rows]")) {
      const rows = rowsOf(table);
      if (rows.length) choose(table, rows[0], false);
      for (const row of rows) linkOf(row).addEventListener("focus", () => choose(table, row, false));
    }
  }

  document.addEventListener("keydown", (event) => {
    if (composing(event) || event.defaultPrevented) return;
    functionKey(event) || tabKey(event) || stepKey(event) || submitKey(event) || listKey(event);
  });
  document.addEventListener("DOMContentLoaded", () => prepareLists(document));
  document.addEventListener("htmx:afterSwap", (event) => prepareLists(event.detail.target));
})();
