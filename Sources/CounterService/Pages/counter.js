// What pages can do without, but people like: faults read first, no second click, readers as they change, printing.
"use strict";

const faults = document.getElementById("faults");
if (faults) faults.focus();

// A second click on a form that is on its way is of no use; the service would give the first one's answer.
for (const form of document.querySelectorAll("form[method=post]:not([target])")) {
  form.addEventListener("submit", (event) => {
    if (form.dataset.sent) event.preventDefault();
    form.dataset.sent = "yes";
  });
}
// Coming back by the browser's button shows a form that may be sent again, with the answer it had.
window.addEventListener("pageshow", (event) => {
  // What was secret is typed anew.
  if (event.persisted) for (const secret of document.querySelectorAll("input[type=password]")) secret.value = "";
  for (const form of document.querySelectorAll("form[data-sent]")) delete form.dataset.sent;
});

const print = document.getElementById("print");
if (print) {
  print.addEventListener("click", () => window.print());
  print.focus();
}

const list = document.getElementById("readers");
if (list) {
  const line = (name, text, code) => {
    const item = document.createElement("li");
    item.className = code;
    if (name) item.append(Object.assign(document.createElement("strong"), { textContent: name }));
    item.append(Object.assign(document.createElement("span"), { textContent: text }));
    return item;
  };
  const events = new EventSource(list.dataset.events);
  events.addEventListener("readers", (event) => {
    const told = JSON.parse(event.data);
    const items = told.readers.map((reader) =>
      line(reader.name, reader.hint ? `${reader.state} · ${reader.hint}` : reader.state, reader.code));
    if (told.trouble) items.unshift(line("", told.trouble, "mute"));
    if (!items.length) items.push(line("", list.dataset.none, "empty"));
    list.replaceChildren(...items);
  });
  window.addEventListener("pagehide", () => events.close());
}

// The queue as it moves: the rows of a list, and every place that shows how many wait.
const rows = document.querySelector("[data-queue=rows], [data-queue=count][data-events]");
if (rows) {
  const told = new EventSource(rows.dataset.events);
  told.addEventListener("queue", (event) => {
    const queue = JSON.parse(event.data);
    for (const place of document.querySelectorAll("[data-queue=count]")) place.textContent = queue.waiting.length;
    if (rows.dataset.queue !== "rows") return;
    const shown = rows.dataset.called ? queue.called : queue.called.concat(queue.waiting);
    rows.replaceChildren(...shown.map((ticket) => {
      const row = document.createElement("tr");
      for (const [text, code] of [[ticket.label, "mono"], [ticket.errand, ""], [ticket.stateName, ""], [ticket.window ?? "", "mono"]]) {
        row.append(Object.assign(document.createElement("td"), { textContent: text, className: code }));
      }
      return row;
    }));
  });
  window.addEventListener("pagehide", () => told.close());
}

// A file goes with the form as text; the service takes no uploads of another kind.
for (const chooser of document.querySelectorAll("input[type=file][data-into]")) {
  chooser.addEventListener("change", async () => {
    const file = chooser.files[0];
    const isTooLarge = Boolean(file) && file.size > 8192;
    // The hint beside it says how large a file may be.
    const hint = document.getElementById(chooser.getAttribute("aria-describedby"));
    chooser.setCustomValidity(isTooLarge ? hint.textContent : "");
    chooser.reportValidity();
    const bytes = file && !isTooLarge ? new Uint8Array(await file.arrayBuffer()) : new Uint8Array();
    document.getElementById(chooser.dataset.into).value = btoa(String.fromCharCode(...bytes));
  });
}
