// The formulas of a page are drawn once it is seen: MathJax takes a tenth of a second to start.
// `formulas` is a promise of that.
{
  const program = new URL("mathjax/tex-svg.js", document.currentScript.src);
  const soon = window.requestIdleCallback ?? setTimeout;

  window.formulas = new Promise((resolve) => {
    const load = () => {
      const script = document.createElement("script");
      script.src = program;
      script.addEventListener("load", () => resolve(MathJax.startup.promise));
      document.head.append(script);
    };
    window.addEventListener("load", () => soon(load));
  });
}
