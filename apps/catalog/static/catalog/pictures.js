// Dropping, sending and ordering the pictures of a product. Without it the page is a plain form.
(() => {
  const form = document.getElementById("pictures");
  if (!form) return;
  const list = document.getElementById("pics-list");
  const told = document.getElementById("pics-told");
  const count = document.getElementById("pics-count");
  const chooser = document.getElementById("pics-files");
  const largest = Number(form.dataset.largest);
  let moving = null, sending = false, changed = !!list.querySelector(".pics-bad"), busy = 0;
  let queue = Promise.resolve();
  form.classList.add("pics-live");

  const cards = () => [...list.children];
  const tell = () => { count.textContent = busy ? "Sending…" : changed ? "Not saved yet." : ""; };
  const number = () => cards().forEach((card, place) => {
    card.querySelector("[name^='position:']").value = place + 1;
  });
  const moved = () => { number(); changed = true; tell(); };
  const ready = (card) => { card.querySelector(".pics-thumb").draggable = true; };

  // --- files ---
  const line = (text) => {
    const item = document.createElement("li");
    item.textContent = text;
    told.append(item);
    return item;
  };
  const refuse = (item, name, why) => { item.className = "pics-refused"; item.textContent = `${name}: ${why}`; };
  const post = async (file) => {
    const data = new FormData();
    data.append("csrfmiddlewaretoken", form.elements.csrfmiddlewaretoken.value);
    data.append("step", "upload");
    data.append("file", file);
    const answer = await fetch(location.pathname, { method: "POST", body: data });
    if (!(answer.headers.get("Content-Type") || "").includes("json")) throw new Error("It was not taken. Reload the page, and sign in again if asked.");
    const body = await answer.json();
    if (!answer.ok) throw new Error(body.error || body.detail || "It was not taken.");
    return body.html;
  };
  const show = (html, file) => {
    const holder = document.createElement("template");
    holder.innerHTML = html.trim();
    const card = holder.content.firstElementChild;
    const thumb = card.querySelector(".pics-thumb");
    if (!thumb.querySelector("img")) {
      const picture = document.createElement("img");
      picture.src = URL.createObjectURL(file);
      picture.alt = file.name;
      picture.draggable = false;
      thumb.replaceChildren(picture);
    }
    list.append(card);
    ready(card);
    number();
    document.getElementById("pics-empty").hidden = true;
    if (form.hasAttribute("data-waits")) changed = true;
  };
  const send = (file) => {
    const item = line(`${file.name}: waiting`);
    if (file.size > largest) { refuse(item, file.name, `Too large: send at most ${Math.floor(largest / 1048576)} MB.`); return; }
    busy += 1;
    tell();
    queue = queue.then(async () => {
      item.textContent = `${file.name}: being sent…`;
      try {
        show(await post(file), file);
        item.remove();
      } catch (error) {
        refuse(item, file.name, error instanceof TypeError ? "The connection broke. Try again." : error.message);
      }
      busy -= 1;
      tell();
    });
  };
  const take = (files) => { told.replaceChildren(); [...files].forEach(send); };
  chooser.addEventListener("change", () => { take(chooser.files); chooser.value = ""; });

  const holdsFiles = (event) => [...(event.dataTransfer?.types || [])].includes("Files");
  window.addEventListener("dragover", (event) => {
    if (!holdsFiles(event)) return;
    event.preventDefault();
    form.classList.add("pics-over");
  });
  window.addEventListener("dragleave", (event) => { if (!event.relatedTarget) form.classList.remove("pics-over"); });
  window.addEventListener("drop", (event) => {
    if (!holdsFiles(event)) return;
    event.preventDefault();
    form.classList.remove("pics-over");
    take(event.dataTransfer.files);
  });

  // --- order ---
  list.addEventListener("dragstart", (event) => {
    const thumb = event.target.closest?.(".pics-thumb");
    if (!thumb) return;
    moving = thumb.closest("li");
    event.dataTransfer.effectAllowed = "move";
    event.dataTransfer.setData("text/plain", "");
    moving.classList.add("pics-moving");
  });
  list.addEventListener("dragover", (event) => {
    if (!moving) return;
    event.preventDefault();
    const over = event.target.closest?.(".pics-card");
    if (!over || over === moving) return;
    const box = over.getBoundingClientRect();
    const behind = event.clientX > box.left + box.width / 2;
    const next = behind ? over.nextElementSibling : over;
    if (next !== moving && moving.nextElementSibling !== next) { list.insertBefore(moving, next); moved(); }
  });
  list.addEventListener("drop", (event) => { if (moving) event.preventDefault(); });
  list.addEventListener("dragend", () => { moving?.classList.remove("pics-moving"); moving = null; });
  list.addEventListener("click", (event) => {
    const button = event.target.closest("[data-move]");
    if (!button) return;
    const card = button.closest("li"), up = button.dataset.move === "-1";
    const other = up ? card.previousElementSibling : card.nextElementSibling;
    if (!other) return;
    if (up) other.before(card); else other.after(card);
    moved();
    button.focus();
    count.textContent = `Now at place ${cards().indexOf(card) + 1}. Not saved yet.`;
  });

  form.addEventListener("input", (event) => { if (event.target !== chooser) { changed = true; tell(); } });
  form.addEventListener("submit", (event) => {
    if (busy) { event.preventDefault(); count.textContent = "Wait until all files are sent."; return; }
    sending = true;
  });
  window.addEventListener("beforeunload", (event) => { if (!sending && (changed || busy)) event.preventDefault(); });
  cards().forEach(ready);
  number();
})();
