// What is wider than the page can be scrolled; then it must be within reach of the keyboard, too.
function reach() {
  const wide = "pre, .table-wrapper, mjx-container[display='true']";
  for (const element of document.querySelectorAll(wide)) {
    if (element.scrollWidth > element.clientWidth + 1) {
      element.tabIndex = 0;
    } else {
      element.removeAttribute("tabindex");
    }
  }
}

window.addEventListener("load", () => {
  reach();
  window.MathJax?.startup?.promise?.then(reach);
});
window.addEventListener("resize", reach);

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
