// Every figure can be enlarged: by a click on it, or by the button in its corner.
(() => {
  const figures = [...document.querySelectorAll("article img")].filter(
    (image) => !image.closest("a, button, .live-lab, dialog"),
  );
  if (!figures.length || !window.HTMLDialogElement) return;

  const dialog = document.createElement("dialog");
  const close = document.createElement("button");
  const shown = document.createElement("img");
  dialog.className = "enlarged";
  dialog.setAttribute("aria-label", tr`Enlarged figure`);
  close.type = "button";
  close.className = "course-button";
  close.textContent = tr`Close`;
  close.addEventListener("click", () => dialog.close());
  // Beside the figure lies the dialog itself.
  dialog.addEventListener("click", (event) => event.target === dialog && dialog.close());
  dialog.append(close, shown);
  document.body.append(dialog);

  for (const [place, image] of figures.entries()) {
    const button = document.createElement("button");
    const frame = document.createElement("span");
    button.type = "button";
    button.className = "enlarge";
    button.setAttribute("aria-label", tr`Enlarge figure ${place + 1}`);
    button.textContent = "⤢";
    frame.className = "figure-frame";
    const inner = image.closest("picture") ?? image;
    inner.replaceWith(frame);
    frame.append(inner, button);
    const enlarge = () => {
      shown.src = image.currentSrc || image.src;
      shown.alt = image.alt;
      // As large as the window has room for.
      const ratio = image.naturalWidth / image.naturalHeight;
      shown.style.width = `min(94vw, ${(84 * ratio).toFixed(2)}vh)`;
      // The browser gives the focus back to what had it when the dialog was opened.
      button.focus({ preventScroll: true });
      dialog.showModal();
    };
    button.addEventListener("click", enlarge);
    image.addEventListener("click", enlarge);
  }
})();
