// Finds pages, comunas, initiatives, commitments and datasets in the index that the page carries.
const plain = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
const KINDS = { pagina: "Página", comuna: "Comuna", datos: "Datos", compromiso: "Compromiso", iniciativa: "Iniciativa" };
const SHOWN = 50;

const form = document.getElementById("buscador");
const count = document.getElementById("cuenta");
const results = document.getElementById("resultados");
const index = JSON.parse(document.getElementById("indice").textContent).map(([kind, title, code, place, words]) => ({
  kind,
  title,
  code,
  place,
  name: plain(title),
  words: plain(`${title} ${code} ${words}`),
}));

function found(question) {
  const words = plain(question).split(/\s+/).filter(Boolean);
  if (!words.length) return [];
  const hits = index.filter((entry) => words.every((word) => entry.words.includes(word)));
  // What has the words in its title stands before what has them elsewhere.
  const inTitle = (entry) => words.every((word) => entry.name.includes(word));
  return [...hits.filter(inTitle), ...hits.filter((entry) => !inTitle(entry))];
}

function show(question) {
  const hits = found(question);
  results.replaceChildren(
    ...hits.slice(0, SHOWN).map((entry) => {
      const link = Object.assign(document.createElement("a"), { href: entry.place, textContent: entry.title });
      const kind = Object.assign(document.createElement("small"), {
        textContent: ` ${KINDS[entry.kind] ?? entry.kind}${entry.code && ` ${entry.code}`}`,
      });
      const item = document.createElement("li");
      item.append(link, kind);
      return item;
    }),
  );
  const all = hits.length.toLocaleString("es-CL");
  count.textContent = !question.trim()
    ? ""
    : hits.length > SHOWN
      ? `${all} resultados; se ven los primeros ${SHOWN}.`
      : `${all} ${hits.length === 1 ? "resultado" : "resultados"}.`;
}

form.hidden = false;
document.getElementById("sin-guion").hidden = true;
form.addEventListener("submit", (event) => event.preventDefault());
form.elements.q.addEventListener("input", () => {
  show(form.elements.q.value);
  history.replaceState(null, "", `#${new URLSearchParams({ q: form.elements.q.value })}`);
});
const asked = new URLSearchParams(location.hash.slice(1)).get("q");
if (asked) {
  form.elements.q.value = asked;
  show(asked);
}
