// Drawing the areas to black out: a rectangle dragged on the page becomes a line of its text box, and back.
(() => {
  "use strict";
  const WHOLE = 1000;
  const SVG = "http://www.w3.org/2000/svg";
  const clamp = (value) => Math.max(0, Math.min(WHOLE, Math.round(value)));

  function lines(box) {
    return box.value.split("\n").map((line) => line.split(",").map(Number)).filter((one) => one.length === 4 && one.every(Number.isFinite));
  }

  function draw(layer, box) {
    layer.replaceChildren(...lines(box).map(([left, top, right, bottom]) => {
      const area = document.createElementNS(SVG, "rect");
      for (const [name, value] of [["x", left], ["y", top], ["width", Math.max(0, right - left)], ["height", Math.max(0, bottom - top)]]) area.setAttribute(name, value);
      return area;
    }));
  }

  for (const sheet of document.querySelectorAll("[data-mask-for]")) {
    const box = document.getElementById(sheet.dataset.maskFor);
    const layer = sheet.querySelector("svg");
    if (!box || !layer) continue;
    let start = null;
    const at = (event) => {
      const frame = layer.getBoundingClientRect();
      return [clamp((event.clientX - frame.left) / frame.width * WHOLE), clamp((event.clientY - frame.top) / frame.height * WHOLE)];
    };
    const area = (event) => {
      const [x, y] = at(event);
      return [Math.min(start[0], x), Math.min(start[1], y), Math.max(start[0], x), Math.max(start[1], y)];
    };
    layer.addEventListener("pointerdown", (event) => { start = at(event); layer.setPointerCapture(event.pointerId); event.preventDefault(); });
    layer.addEventListener("pointerup", (event) => {
      if (!start) return;
      const found = area(event);
      start = null;
      if (found[2] - found[0] < 3 || found[3] - found[1] < 3) return;
      box.value = [...lines(box).map((one) => one.join(",")), found.join(",")].join("\n");
      draw(layer, box);
      box.dispatchEvent(new Event("input", { bubbles: true }));
    });
    layer.addEventListener("pointercancel", () => { start = null; });
    box.addEventListener("input", () => draw(layer, box));
    draw(layer, box);
  }
})();
