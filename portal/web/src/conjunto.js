// Filters the rows of a dataset's preview by what is typed.
const plain = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
const table = document.querySelector("[data-filtrable]");
const rows = [...table.tBodies[0].rows].map((row) => ({ row, words: plain(row.textContent) }));
const field = document.getElementById("filtro");

field.closest("[hidden]").hidden = false;
field.addEventListener("input", () => {
  const words = plain(field.value).split(/\s+/);
  for (const { row, words: text } of rows) row.hidden = !words.every((word) => text.includes(word));
});
