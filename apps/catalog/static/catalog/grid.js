// Moving, pasting and marking in the variant grid. Without it the page works as a plain form.
(() => {
  const form = document.getElementById("variant-grid");
  if (!form) return;
  const told = document.getElementById("grid-count");
  const inputs = () => [...form.querySelectorAll("tbody input:not([type=hidden])")];
  const before = (input) => form.elements["was:" + input.name].value;
  const now = (input) => (input.type === "checkbox" ? (input.checked ? "on" : "") : input.value.trim());
  let sending = false;

  const mark = (input) => input.toggleAttribute("data-changed", now(input) !== before(input));
  const count = () => {
    const changed = inputs().filter((input) => input.hasAttribute("data-changed")).length;
    told.textContent = changed ? `${changed} changed, not saved yet` : "";
    return changed;
  };
  const cell = (input, down, right) => {
    const row = input.closest("tr");
    const rows = [...row.parentElement.rows];
    const columns = [...row.querySelectorAll("input:not([type=hidden])")];
    const target = rows[rows.indexOf(row) + down];
    return target?.querySelectorAll("input:not([type=hidden])")[columns.indexOf(input) + right];
  };
  const go = (input) => {
    if (!input) return;
    input.focus();
    if (input.type === "text") input.select();
  };

  form.addEventListener("input", (event) => { mark(event.target); count(); });
  form.addEventListener("keydown", (event) => {
    const input = event.target;
    if (!input.matches("tbody input")) return;
    if (event.key === "Enter" || event.key === "ArrowDown") { event.preventDefault(); go(cell(input, 1, 0)); }
    else if (event.key === "ArrowUp") { event.preventDefault(); go(cell(input, -1, 0)); }
    else if (event.key === "Escape") {
      if (input.type === "checkbox") input.checked = before(input) === "on"; else input.value = before(input);
      mark(input); count();
    }
  });
  form.addEventListener("paste", (event) => {
    const text = event.clipboardData.getData("text").replace(/\r/g, "").replace(/\n$/, "");
    if (!event.target.matches("tbody input[type=text]") || !/[\t\n]/.test(text)) return;
    event.preventDefault();
    text.split("\n").forEach((line, down) => line.split("\t").forEach((value, right) => {
      const input = cell(event.target, down, right);
      if (input?.type === "text") { input.value = value.trim(); mark(input); }
    }));
    count();
  });
  form.addEventListener("submit", () => { sending = true; });
  window.addEventListener("beforeunload", (event) => { if (!sending && count()) event.preventDefault(); });
  count();
})();
