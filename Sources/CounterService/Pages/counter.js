// What pages can do without, but people like: faults read first, no second click, readers as they change, printing.
"use strict";

const faults = document.getElementById("faults");
if (faults) faults.focus();
// Where no field asks for it, the first one of the page's form has the keyboard: the rail's links come before it otherwise.
else if (!document.querySelector("[autofocus]")) {
  document.querySelector("form.sheet :is(input:not([type=hidden]), select, textarea)")?.focus({ preventScroll: true });
}

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

// Readers and queue as they move, over one stream, and over none while nobody looks: a browser has few connections to give.
const list = document.getElementById("readers");
const rows = document.querySelector("[data-queue=rows]");

const line = (name, text, code) => {
  const item = document.createElement("li");
  item.className = code;
  if (name) item.append(Object.assign(document.createElement("strong"), { textContent: name }));
  item.append(Object.assign(document.createElement("span"), { textContent: text }));
  return item;
};

const showReaders = (told) => {
  if (!list) return;
  const items = told.readers.map((reader) =>
    line(reader.name, reader.hint ? `${reader.state} · ${reader.hint}` : reader.state, reader.code));
  if (told.trouble) items.unshift(line("", told.trouble, "mute"));
  if (!items.length) items.push(line("", list.dataset.none, "empty"));
  list.replaceChildren(...items);
};

// The rows of a list, and every place that shows how many wait.
const showQueue = (queue) => {
  for (const place of document.querySelectorAll("[data-queue=count]")) place.textContent = queue.waiting.length;
  if (!rows) return;
  const shown = rows.dataset.called ? queue.called : queue.called.concat(queue.waiting);
  rows.replaceChildren(...shown.map((ticket) => {
    const row = document.createElement("tr");
    for (const [text, code] of [[`${ticket.label} ${ticket.priority}`.trim(), "mono"], [ticket.errand, ""], [ticket.stateName, ""], [ticket.place ?? ticket.window ?? "", "mono"]]) {
      row.append(Object.assign(document.createElement("td"), { textContent: text, className: code }));
    }
    return row;
  }));
};

// The display in the waiting room names a stream of its own, for which nobody logs in.
const address = rows?.dataset.events ?? (list || document.querySelector("[data-queue]") ? "/live" : "");
if (address) {
  let stream;
  const open = () => {
    if (stream || document.hidden) return;
    stream = new EventSource(address);
    stream.addEventListener("readers", (event) => showReaders(JSON.parse(event.data)));
    stream.addEventListener("queue", (event) => showQueue(JSON.parse(event.data)));
  };
  const close = () => {
    stream?.close();
    stream = undefined;
  };
  document.addEventListener("visibilitychange", () => (document.hidden ? close() : open()));
  window.addEventListener("pagehide", close);
  window.addEventListener("pageshow", open);
  open();
}

// A page that looks again by itself asks first: while the service does not answer it stays, and says so.
const again = document.querySelector("[data-again]");
if (again) {
  const silent = Object.assign(document.createElement("p"), { className: "warning", hidden: true });
  silent.setAttribute("role", "alert");
  silent.textContent = again.dataset.silent;
  again.append(silent);
  const look = async () => {
    try {
      const answer = await fetch(again.dataset.again, { cache: "no-store" });
      if (answer.status < 500) return window.location.replace(again.dataset.again);
    } catch { /* told below */ }
    silent.hidden = false;
    setTimeout(look, 2000);
  };
  setTimeout(look, 1000);
}

// A file that is too large is told before it is sent; the hint beside it says how large one may be.
for (const chooser of document.querySelectorAll("input[type=file][data-most]")) {
  chooser.addEventListener("change", () => {
    const isTooLarge = Boolean(chooser.files[0]) && chooser.files[0].size > Number(chooser.dataset.most);
    chooser.setCustomValidity(isTooLarge ? document.getElementById(chooser.getAttribute("aria-describedby")).textContent : "");
    chooser.reportValidity();
  });
}

// The sex that a citizen number tells stands in its field as soon as the number is there; the service looks at it again.
const sex = document.querySelector("select#sex");
document.querySelector("input#citizenNumber")?.addEventListener("input", (event) => {
  const number = event.target.value.normalize("NFKC").replace(/\s/g, "");
  if (sex && /^\d{17}[\dXx]$/.test(number)) sex.value = Number(number[16]) % 2 ? "1" : "2";
});
