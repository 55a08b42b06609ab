"""What a lab says to those who use it by keyboard or by ear.

ipywidgets labels its lists and boxes, but not all the rest: a slider's handle has no name, one that
goes through a list says "2" where it shows "relu3_1", a button that stays pressed does not say so,
and an image has no words. And JupyterLab takes plain keys for itself: an arrow that shall move
through a list goes to the next cell instead.

A script in a widget does not run, but what a style element does when it is loaded does, and a style
element each lab has anyhow. Where a page forbids that, the lab works as before, only less named.
"""

import html

CSS = """
.course-lab :is(.noUi-handle, .ui-slider-handle, button, select, input):focus-visible {
  outline: 2px solid #0072b2;
  outline-offset: 2px;
}
"""
# For ipywidgets 7, whose handles have no role either, as well as for 8.
SCRIPT = """
const lab = this.closest('.course-lab');
const set = (element, words) => {
  for (const [name, word] of Object.entries(words)) element?.setAttribute(name, word);
};
const name = () => {
  const heading = lab.querySelector('b').textContent;
  set(lab, {role: 'group', 'aria-label': heading});
  for (const slider of lab.querySelectorAll('.widget-slider')) {
    const label = slider.querySelector('.widget-label').textContent;
    const readout = slider.querySelector('.widget-readout');
    const value = readout.textContent;
    set(readout, {role: 'textbox', 'aria-label': label + ', typed'});
    set(slider.querySelector('.noUi-handle, .ui-slider-handle'),
      {role: 'slider', 'aria-label': label, 'aria-valuetext': value});
  }
  for (const button of lab.querySelectorAll('.widget-toggle-button'))
    set(button, {'aria-pressed': button.classList.contains('mod-active')});
  for (const image of lab.querySelectorAll('img'))
    set(image, {alt: heading + ': the image that the line below describes'});
  for (const canvas of lab.querySelectorAll('canvas'))
    set(canvas, {role: 'img', 'aria-label': 'to paint on by mouse; the shapes work by keyboard'});
};
const keep = event => {
  const meantForJupyter = event.ctrlKey || event.metaKey || event.altKey || event.shiftKey;
  if (!meantForJupyter) event.stopPropagation();
};
if (lab) {
  lab.addEventListener('keydown', keep);
  name();
  new MutationObserver(name).observe(lab,
    {subtree: true, childList: true, characterData: true, attributeFilter: ['class']});
}
"""


def names_and_focus() -> str:
    """HTML that names a lab's controls for screen readers, and shows where the keyboard is."""
    return f'<style onload="{html.escape(SCRIPT)}">{CSS}</style>'
