// The lock of an unused screen: a warning, then nothing personal on it until the same officer has signed in again.
// What was being typed stays in this page's memory, nowhere else, and comes back with it.
(() => {
  "use strict";
  const PART = { "X-Taxsys-Part": "1" };
  const token = () => JSON.parse(document.body.getAttribute("hx-headers") || "{}")["X-CSRFToken"] || "";
  const ask = (url, headers) => fetch(url, {
    method: "POST", credentials: "same-origin", headers: { "X-CSRFToken": token(), ...PART, ...headers },
  });
  const watched = () => document.getElementById("idle");
  let taken = [];

  function hide() {
    for (const part of document.querySelectorAll("#main, .tx-person, .tx-tabs, .tx-keys")) {
      const mark = document.createComment("locked");
      part.replaceWith(mark);
      taken.push([mark, part]);
    }
    const lock = document.createElement("main");
    lock.id = "lock";
    lock.className = "tx-main";
    document.querySelector(".tx-header").after(lock);
    return lock;
  }

  function restore(csrf) {
    document.getElementById("lock").remove();
    for (const [mark, part] of taken) mark.replaceWith(part);
    taken = [];
    document.body.setAttribute("hx-headers", JSON.stringify({ "X-CSRFToken": csrf }));
    for (const field of document.querySelectorAll("input[name=csrfmiddlewaretoken]")) field.value = csrf;
    document.getElementById("live").textContent = "作業を続けられます。";
  }

  async function finish() {
    const answer = await fetch(watched().dataset.sitting, { credentials: "same-origin", headers: PART });
    const now = answer.ok ? await answer.json() : {};
    if (now.staff_no !== watched().dataset.staff) { location.assign("/"); return false; }
    restore(now.csrf);
    return true;
  }

  function draw(lock, html, done) {
    const page = new DOMParser().parseFromString(html, "text/html");
    lock.replaceChildren(...document.adoptNode(page.getElementById("main")).childNodes);
    const heading = lock.querySelector("h1");
    if (heading && lock.querySelector("#id_staff_no")) heading.textContent = "画面をロックしました";
    const number = lock.querySelector("#id_staff_no");
    if (number) { number.value = number.value || watched().dataset.staff; }
    const first = lock.querySelector("#id_password, #id_code, button");
    if (first) first.focus();
    document.dispatchEvent(new Event("taxsys:signform"));
    const form = lock.querySelector("form");
    if (!form) return;
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      const answer = await fetch(form.getAttribute("action"), {
        method: "POST", credentials: "same-origin", redirect: "manual", body: new URLSearchParams(new FormData(form)),
      });
      if (answer.type === "opaqueredirect") done(); else draw(lock, await answer.text(), done);
    });
  }

  async function lock(done) {
    const place = hide();
    try {
      const answer = await fetch("/sign-in", { credentials: "same-origin" });
      draw(place, await answer.text(), done);
    } catch { location.assign("/sign-in"); }
  }

  function idleWatch() {
    const dialog = watched();
    if (!dialog) return;
    const limit = Number(dialog.dataset.idleSeconds) * 1000;
    const warnAt = Math.max(limit - 120000, limit / 2);
    let since = Date.now();
    let told = Date.now();
    let locked = false;
    const keepAlive = async () => {
      since = told = Date.now();
      try {
        const answer = await ask(dialog.dataset.keepAlive, {});
        if (answer.status === 401) location.assign(location.href);
      } catch { /* the next request will tell */ }
    };
    const timeIsUp = async () => {
      locked = true;
      dialog.dataset.over = "1";
      if (dialog.open) dialog.close();
      try {
        // The server knows whether another window of this sitting was used meanwhile.
        const answer = await ask(dialog.dataset.lock, { "X-Taxsys-Background": "1" });
        if (answer.ok) {
          since = Date.now() - limit + 1000 * (await answer.json()).seconds_left;
          locked = false;
          return;
        }
      } catch { /* without the server nothing is shown either */ }
      lock(async () => { if (await finish()) { since = told = Date.now(); locked = false; } });
    };
    dialog.addEventListener("close", () => { if (dialog.dataset.over) delete dialog.dataset.over; else keepAlive(); });
    const active = () => {
      if (dialog.open || locked) return;
      since = Date.now();
      if (since - told > 60000) keepAlive();
    };
    for (const kind of ["keydown", "pointerdown"]) document.addEventListener(kind, active, true);
    setInterval(() => {
      if (locked) return;
      const idle = Date.now() - since;
      if (idle >= limit) {
        timeIsUp();
      } else if (idle >= warnAt) {
        if (!dialog.open) dialog.showModal();
        const left = Math.ceil((limit - idle) / 1000);
        document.getElementById("idle-left").textContent = left >= 60 ? `${Math.floor(left / 60)}分${left % 60}秒` : `${left}秒`;
      }
    }, 1000);
  }

  document.addEventListener("DOMContentLoaded", idleWatch);
})();
