// What forms and links can't do alone: ask before an act that can't be undone, open the menu on a phone, send a form when
// a choice changes, mark all rows, copy a text. Everything works without it.
"use strict";
document.addEventListener("submit", (event) => {
  const form = event.target;
  const button = event.submitter;
  const asked = button?.getAttribute("data-confirm") || form.getAttribute("data-confirm");
  if (asked && !window.confirm(asked)) {
    event.preventDefault();
    return;
  }
  // a second click shall not send it twice; what opens beside the page leaves the form to be used again
  if (form.method === "post" && button?.formTarget !== "_blank") {
    if (form.dataset.sent) event.preventDefault();
    form.dataset.sent = "1";
    window.setTimeout(() => delete form.dataset.sent, 4000);
  }
});
document.addEventListener("click", (event) => {
  const toggle = event.target.closest("[data-toggle]");
  if (toggle) {
    const open = document.getElementById(toggle.dataset.toggle).classList.toggle("open");
    toggle.setAttribute("aria-expanded", String(open));
  }
  const copy = event.target.closest("[data-copy]");
  if (copy) navigator.clipboard.writeText(document.getElementById(copy.dataset.copy).textContent.trim());
});
document.addEventListener("change", (event) => {
  const field = event.target;
  if (field.matches("[data-all]"))
    for (const one of document.querySelectorAll(`input[type=checkbox][name="${field.dataset.all}"]`)) one.checked = field.checked;
  if (field.matches("[data-send]")) field.form.requestSubmit();
});
