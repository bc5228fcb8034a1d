// What pages can do without, but people like: faults read first, no second click, readers as they change, printing.
"use strict";

const faults = document.getElementById("faults");
if (faults) faults.focus();
// Where no field asks for it, the first one of the page's form has the keyboard: the rail's links come before it otherwise.
else if (!document.querySelector("[autofocus]")) {
  const first = document.querySelector("form.sheet :is(input:not([type=hidden]), select, textarea)");
  // Not where the keyboard would be out of sight, below the fold or behind the buttons.
  if (first && first.getBoundingClientRect().bottom < window.innerHeight - 128) first.focus({ preventScroll: true });
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

// A roll is cut where the slip ends: one piece, as long as what stands on it. Without the script it comes in pieces of one length.
const receipt = document.querySelector("body.receipt .slip");
if (receipt) {
  const cut = new CSSStyleSheet();
  const length = Math.ceil(receipt.getBoundingClientRect().height * 25.4 / 96) + 28;
  cut.replaceSync(`@media print { @page receipt { size: 80mm ${length}mm; } }`);
  document.adoptedStyleSheets = [cut];
}

// Readers, queue and what changes on record as they move, over one stream, and over none while nobody looks: a browser has few connections to give.
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

// What somebody else has changed of what this page shows or leads to: said in a quiet line, and loaded again by whoever wants it, for what
// is typed would be gone.
const changes = document.getElementById("changes");
const own = document.querySelector("[data-card]");
let after = document.querySelector("main[data-after]")?.dataset.after;

const tell = (text) => {
  const place = new URL(window.location.href);
  for (const name of ["answer", "again"]) place.searchParams.delete(name);
  const line = Object.assign(document.createElement("p"), { className: "note", textContent: `${text} ` });
  line.append(Object.assign(document.createElement("a"), { href: place.pathname + place.search, textContent: changes.dataset.load }));
  changes.replaceChildren(line);
};

const leadsTo = (address) => [...document.querySelectorAll("main a[href]")].some((link) =>
  [address, `/approvals${address}`].includes(link.getAttribute("href")));

const showChange = (told) => {
  const address = told.card ?? told.application;
  if (own?.dataset.card === address) {
    if (told.event > Number(own.dataset.seen)) tell(changes.dataset.own);
  } else if (!own && !fresh.length && leadsTo(address)) tell(changes.dataset.listed);
};

// Numbers in which nobody types are brought up to date where they stand, some seconds after a change, and not at all windows at once.
const fresh = [...document.querySelectorAll("[data-fresh]")];
let refreshing = false;
const refresh = () => {
  if (refreshing || !fresh.length) return;
  refreshing = true;
  setTimeout(async () => {
    try {
      const answer = await fetch(`${window.location.pathname}?again=1`, { cache: "no-store" });
      if (!answer.ok || answer.redirected) return;
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      for (const part of fresh) {
        const news = page.querySelector(`[data-fresh=${part.dataset.fresh}]`);
        if (!news || news.innerHTML === part.innerHTML) continue;
        const held = part.contains(document.activeElement) ? document.activeElement.getAttribute("href") : null;
        part.replaceChildren(...news.childNodes);
        if (held) part.querySelector(`a[href="${held}"]`)?.focus({ preventScroll: true });
      }
    } catch { /* the next change asks again */ } finally {
      refreshing = false;
    }
  }, 2000 + Math.random() * 4000);
};

// The display in the waiting room names a stream of its own, for which nobody logs in; a page that looks again by itself needs none.
const wanted = list || document.querySelector("[data-queue]") || (changes && !document.querySelector("[data-again]"));
const address = rows?.dataset.events ?? (wanted ? "/live" : "");
if (address) {
  let stream;
  const open = () => {
    if (stream || document.hidden) return;
    stream = new EventSource(after && !rows?.dataset.events ? `${address}?after=${after}` : address);
    stream.addEventListener("readers", (event) => showReaders(JSON.parse(event.data)));
    stream.addEventListener("queue", (event) => showQueue(JSON.parse(event.data)));
    for (const name of ["card", "application", "look-again"]) {
      stream.addEventListener(name, (event) => {
        const told = JSON.parse(event.data);
        after = told.event;
        refresh();
        if (name !== "look-again") showChange(told);
        else if (changes && !fresh.length && !changes.hasChildNodes()) tell(changes.dataset.perhaps);
      });
    }
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

// The picture as a JPEG of so many bytes at most, and the canvas it was drawn on: the largest that has room, the finest of that size.
const shrink = async (file, most) => {
  const picture = await createImageBitmap(file);
  for (let height = Math.min(picture.height, 441); height >= 80; height = Math.floor(height * 0.85)) {
    const canvas = Object.assign(document.createElement("canvas"), { height, width: Math.max(1, Math.round(picture.width * height / picture.height)) });
    const pen = canvas.getContext("2d");
    pen.fillStyle = "white";
    pen.fillRect(0, 0, canvas.width, canvas.height);
    pen.drawImage(picture, 0, 0, canvas.width, canvas.height);
    for (const fineness of [0.8, 0.65, 0.5, 0.4]) {
      const made = await new Promise((done) => canvas.toBlob(done, "image/jpeg", fineness));
      if (made && made.size <= most) return { canvas, made };
    }
  }
  throw new RangeError("no size has room");
};

// A photo that is too large for the chip is made smaller before it is sent, and shown as it will be; what is no picture is told, and the hint
// beside it says what may be sent.
for (const chooser of document.querySelectorAll("input[type=file][data-most]")) {
  let turn = 0;
  chooser.accept += ",.png,.webp";
  chooser.addEventListener("change", async () => {
    const mine = ++turn;
    const [file] = chooser.files;
    const most = Number(chooser.dataset.most);
    document.getElementById("shrunk")?.remove();
    const tooLarge = document.getElementById(chooser.getAttribute("aria-describedby")).textContent;
    const isFine = !file || (file.size <= most && /\.(jpe?g|bmp)$/i.test(file.name));
    chooser.setCustomValidity(isFine ? "" : tooLarge);
    if (isFine) return;
    try {
      const { canvas, made } = await shrink(file, most);
      if (mine !== turn) return;
      const sent = new DataTransfer();
      sent.items.add(new File([made], "photo.jpg", { type: "image/jpeg" }));
      chooser.files = sent.files;
      chooser.setCustomValidity("");
      canvas.setAttribute("role", "img");
      canvas.setAttribute("aria-label", chooser.dataset.shrunk);
      const figure = Object.assign(document.createElement("figure"), { className: "photo", id: "shrunk" });
      const told = Object.assign(document.createElement("span"), { textContent: `${chooser.dataset.shrunk} · ${made.size} B` });
      told.setAttribute("role", "status");
      const caption = Object.assign(document.createElement("figcaption"), { className: "hint" });
      caption.append(told);
      figure.append(canvas, caption);
      document.getElementById(chooser.getAttribute("aria-describedby")).after(figure);
    } catch {
      if (mine === turn) chooser.reportValidity();
    }
  });
}

// The sex that a citizen number tells stands in its field as soon as the number is there; the service looks at it again.
const sex = document.querySelector("select#sex");
document.querySelector("input#citizenNumber")?.addEventListener("input", (event) => {
  const number = event.target.value.normalize("NFKC").replace(/\s/g, "");
  if (sex && /^\d{17}[\dXx]$/.test(number)) sex.value = Number(number[16]) % 2 ? "1" : "2";
});
