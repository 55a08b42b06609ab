// What is wider than the page can be scrolled; then it must be within reach of the keyboard, too.
// All are measured first and marked then, or the browser would lay out the page for each.
function reach() {
  const which = "pre, .table-wrapper, mjx-container[display='true']";
  const all = [...document.querySelectorAll(which)];
  const wide = all.map((one) => one.scrollWidth > one.clientWidth + 1);
  for (const [place, one] of all.entries()) {
    if (wide[place]) one.tabIndex = 0;
    else one.removeAttribute("tabindex");
  }
}

window.addEventListener("resize", reach);

// What stands above the place that a link leads to has its height only now. Browsers mostly keep the
// place; otherwise the page goes there once more, unless the reader has moved.
let moved = false;
for (const kind of ["wheel", "pointerdown", "keydown"]) {
  window.addEventListener(kind, () => (moved = true), { passive: true });
}

function settle() {
  reach();
  const [name] = location.hash.slice(1).split(":");
  if (!moved) document.getElementById(decodeURIComponent(name))?.scrollIntoView();
}

// That lays out what is far below, too: not before the page is seen.
if (window.formulas) window.formulas.then(settle);
else window.addEventListener("load", () => (window.requestIdleCallback ?? setTimeout)(settle));

// Who has asked the system for less motion, and paper, get the first frame (the page says so without
// this program). Here is a button for everybody else, and for those who do want to see it move.
for (const still of document.querySelectorAll("picture.lesson-motion source")) {
  const button = document.createElement("button");
  let moving = !window.matchMedia("(prefers-reduced-motion: reduce)").matches;
  const name = () => (button.textContent = moving ? tr`Pause the animation` : tr`Play the animation`);
  button.type = "button";
  button.className = "motion";
  button.addEventListener("click", () => {
    moving = !moving;
    still.media = moving ? "print" : "all";
    name();
  });
  name();
  still.parentElement.after(button);
}
