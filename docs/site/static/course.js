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
