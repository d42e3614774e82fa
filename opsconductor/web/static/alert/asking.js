// The question before a command: a note, and where it needs them how long, or to whom.

import { byId } from "../dom.js";

// Resolves to the body of the command, or to null when it is cancelled.
export function askFor({ title, about = "", button, needed = false, lasts = false, person = false, me = "" }) {
  const dialog = byId("ask");
  const form = dialog.querySelector("form");
  const note = dialog.querySelector("textarea");
  dialog.querySelector("h2").textContent = title;
  dialog.querySelector("p").textContent = about;
  dialog.querySelector("[value=yes]").textContent = button;
  byId("ask-lasts-row").hidden = !lasts;
  byId("ask-person-row").hidden = !person;
  byId("ask-person").value = me;
  byId("ask-lasts").value = "2h";
  note.value = "";
  note.placeholder = lasts ? "Reason" : needed ? "Note" : "Note (optional)";
  note.required = needed;
  const isComplete = () => Boolean(note.value.trim()) || !needed;
  return new Promise((resolve) => {
    const keyed = (event) => {
      if (event.key !== "Enter" || event.shiftKey) return;
      event.preventDefault();
      if (isComplete()) dialog.close("yes");
      else note.focus();
    };
    const cancel = () => dialog.close("no");
    form.addEventListener("keydown", keyed);
    dialog.querySelector("[value=no]").addEventListener("click", cancel, { once: true });
    dialog.addEventListener("close", () => {
      form.removeEventListener("keydown", keyed);
      if (dialog.returnValue !== "yes") return resolve(null);
      const notes = note.value.trim();
      resolve({
        ...(notes ? { notes } : {}),
        ...(lasts ? { lasts: byId("ask-lasts").value } : {}),
        ...(person ? { assigned_to: byId("ask-person").value.trim() || null } : {}),
      });
    }, { once: true });
    dialog.returnValue = "no";
    dialog.showModal();
    (person ? byId("ask-person") : note).focus();
  });
}
