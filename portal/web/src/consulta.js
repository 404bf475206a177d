// SQL over bodega.duckdb in the browser: the engine and the file come from this site, and nothing else is asked.
import * as duckdb from "@duckdb/duckdb-wasm";
import * as Plot from "@observablehq/plot";

const SHOWN = 500;
const BARS = 40;
const NUMBERS = /^(TINYINT|SMALLINT|INTEGER|BIGINT|HUGEINT|UTINYINT|USMALLINT|UINTEGER|UBIGINT|FLOAT|DOUBLE|DECIMAL)/;

// Numbers that name something and measure nothing.
const NO_AMOUNT = /^(anio|mes|folio|parte|sesion|fila)$/;

// What went wrong, by the sort of error that the engine names. Its own words are English and follow as they are.
const SORTS = {
  Parser: "no está bien escrita",
  Binder: "nombra o combina columnas de un modo que no calza",
  Catalog: "nombra una tabla o una función que no existe",
  Conversion: "un valor no se puede leer como el tipo que se pide",
  "Out of Range": "un número no cabe en su tipo",
  "Invalid Input": "una función recibió un valor que no acepta",
  "Not implemented": "pide algo que el motor no sabe hacer",
  "Out of Memory": "no alcanzó la memoria del navegador",
};
// What the query stands in takes so many lines before its first.
const HEAD = "create or replace temp table resultado_de_la_consulta as\n";
const LINES_BEFORE = HEAD.split("\n").length - 1;

const desk = document.getElementById("consola");
const element = (tag, properties = {}, ...inside) => {
  const made = Object.assign(document.createElement(tag), properties);
  made.append(...inside);
  return made;
};

const text = element("textarea", { id: "sql", rows: 10, spellcheck: false });
const run = element("button", { type: "button", textContent: "Correr la consulta", disabled: true });
const save = element("button", { type: "button", textContent: "Guardar como CSV", hidden: true });
const state = element("p", { id: "estado" });
state.setAttribute("role", "status");
const chartOf = element("select", { id: "valor" });
const chartBox = element("label", { hidden: true }, "Gráfico de ", chartOf);
const chart = element("figure", { className: "grafico" });
const result = element("div", { className: "tabla", id: "resultado", tabIndex: 0 });

let connection;
let answer;

async function open() {
  const web = new URL(desk.dataset.web, document.baseURI);
  const worker = new Worker(new URL("duckdb-browser-eh.worker.js", web));
  const database = new duckdb.AsyncDuckDB(new duckdb.VoidLogger(), worker);
  const [file] = await Promise.all([
    fetch(desk.dataset.base).then((response) => {
      if (!response.ok) throw new Error(`bodega.duckdb: ${response.status}`);
      return response.arrayBuffer();
    }),
    database.instantiate(new URL("duckdb-eh.wasm", web).href),
  ]);
  await database.registerFileBuffer("bodega.duckdb", new Uint8Array(file));
  await database.open({ query: { castBigIntToDouble: false } });
  connection = await database.connect();
  for (const sql of [
    // No extension is ever fetched from another site.
    "set autoinstall_known_extensions = false",
    "set autoload_known_extensions = false",
    "attach 'bodega.duckdb' as bodega (read_only)",
    "use bodega",
  ]) {
    await connection.query(sql);
  }
}

// The rows as text, so that no figure is rounded on the way, and the type of each column.
async function ask(sql) {
  await connection.query(`${HEAD}${sql.trimEnd().replace(/;$/, "")}\n`);
  const described = await connection.query("describe temp.resultado_de_la_consulta");
  const columns = described.toArray().map((row) => ({ name: row.column_name, type: row.column_type }));
  const found = await connection.query("select columns(*)::varchar from temp.resultado_de_la_consulta");
  const vectors = columns.map((_, number) => found.getChildAt(number));
  const rows = Array.from({ length: found.numRows }, (_, row) => vectors.map((vector) => vector.get(row)));
  return { columns, rows };
}

function written(value, { name, type }) {
  if (value === null) return "";
  if (measures({ name, type })) {
    const [whole, part] = value.split(".");
    const grouped = whole.replace(/^-?\d{4,}$/, (digits) => digits.replace(/\B(?=(\d{3})+$)/g, "."));
    return part === undefined ? grouped : `${grouped},${part}`;
  }
  if (/^DATE$/.test(type)) return value.split("-").reverse().join("-");
  if (type === "BOOLEAN") return value === "true" ? "sí" : "no";
  return value;
}

const cut = (label, letters) => (label.length > letters ? `${label.slice(0, letters - 1)}…` : label);

function table({ columns, rows }) {
  const side = (type) => (NUMBERS.test(type) ? "n" : "");
  const head = element("tr", {}, ...columns.map(({ name, type }) => element("th", { scope: "col", className: side(type), textContent: name })));
  const body = rows
    .slice(0, SHOWN)
    .map((row) => element("tr", {}, ...row.map((value, i) => element("td", { className: side(columns[i].type), textContent: written(value, columns[i]) }))));
  const all = rows.length.toLocaleString("es-CL");
  const caption = rows.length > SHOWN ? `Las primeras ${SHOWN} de ${all} filas` : `${all} ${rows.length === 1 ? "fila" : "filas"}`;
  return element("table", {}, element("caption", { textContent: caption }), element("thead", {}, head), element("tbody", {}, ...body));
}

const measures = ({ name, type }) => NUMBERS.test(type) && !NO_AMOUNT.test(name);

function drawChart() {
  const { columns, rows } = answer;
  const value = columns.findIndex(({ name }) => name === chartOf.value);
  chart.replaceChildren();
  if (value < 0) return;
  const labels = columns.map((_, i) => i).filter((i) => i !== value && !measures(columns[i]));
  const bars = rows.slice(0, BARS).map((row, place) => ({
    place,
    label: labels.slice(0, 3).map((i) => row[i] ?? "sin dato").join(" · ") || String(place + 1),
    value: row[value] === null ? null : Number(row[value]),
  }));
  const width = Math.max(320, Math.min(760, chart.clientWidth));
  const letters = Math.min(42, Math.max(...bars.map(({ label }) => label.length)), Math.floor(width / 18));
  const side = 24 + letters * 7;
  chart.append(
    Plot.plot({
      marginLeft: side,
      marginBottom: 48,
      width,
      x: { label: columns[value].name, labelAnchor: "center", ticks: width / 90, grid: true, tickFormat: (number) => number.toLocaleString("es-CL") },
      y: { label: null, tickFormat: (place) => cut(bars[place].label, letters) },
      style: { background: "transparent", color: "currentColor", fontSize: "12px" },
      ariaLabel: `Barras de ${columns[value].name}; la tabla dice lo mismo`,
      marks: [Plot.barX(bars, { x: "value", y: "place", fill: "var(--barra)" }), Plot.ruleX([0])],
    }),
  );
  if (rows.length > BARS) chart.append(element("figcaption", { textContent: `Las primeras ${BARS} filas.` }));
}

function csv({ columns, rows }) {
  const cell = (value) => (value === null ? "" : /[",\n\r]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value);
  return [columns.map(({ name }) => name), ...rows].map((row) => row.map(cell).join(",")).join("\n") + "\n";
}

// What is said of an error: the engine's own words only where they are of use, and once.
function explained({ message }) {
  const missing = message.match(/with name "?([^"\s]+)"? is not in the catalog, but it exists in the \w+ extension/);
  if (missing) {
    return [`«${missing[1]}» no está disponible aquí: es de una extensión del motor, y esta página no carga ninguna.`];
  }
  const [, sort, said] = message.match(/^(?:([A-Z][\w ]*) Error: )?(.*)$/s);
  const line = said.match(/^LINE (\d+):/m);
  const where = line ? `, en la línea ${line[1] - LINES_BEFORE}` : "";
  const words = said.split(/\s*^LINE \d+:/m)[0].trim();
  return [`${SORTS[sort] ?? "el motor no pudo con ella"}${where}. El motor dice, en inglés: `, element("q", { lang: "en", textContent: words })];
}

async function go() {
  run.disabled = true;
  state.textContent = "Buscando…";
  const start = performance.now();
  try {
    answer = await ask(text.value);
    result.replaceChildren(table(answer));
    const seconds = ((performance.now() - start) / 1000).toLocaleString("es-CL", { maximumFractionDigits: 2 });
    state.textContent = `Listo en ${seconds} s.`;
    const numbers = answer.columns.filter(measures);
    chartOf.replaceChildren(element("option", { value: "", textContent: "nada" }), ...numbers.map(({ name }) => element("option", { value: name, textContent: name })));
    chartBox.hidden = !numbers.length || !answer.rows.length;
    save.hidden = false;
    drawChart();
  } catch (error) {
    result.replaceChildren();
    chart.replaceChildren();
    chartBox.hidden = save.hidden = true;
    state.replaceChildren("La consulta no se pudo correr: ", ...explained(error));
  }
  run.disabled = false;
}

function build() {
  const label = element("label", { textContent: "Consulta SQL" });
  label.htmlFor = text.id;
  desk.append(label, text, element("div", { className: "controles" }, run, save, chartBox), state, result, chart);
  const questions = [...document.querySelectorAll("[data-consulta]")];
  text.value = questions[0].textContent.trim();
  for (const question of questions) {
    const button = element("button", { type: "button", textContent: "Correr esta consulta" });
    button.addEventListener("click", () => {
      text.value = question.textContent.trim();
      desk.scrollIntoView();
      go();
    });
    question.closest("pre").after(button);
  }
  run.addEventListener("click", go);
  chartOf.addEventListener("change", drawChart);
  text.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) go();
  });
  save.addEventListener("click", () => {
    const address = URL.createObjectURL(new Blob([csv(answer)], { type: "text/csv" }));
    element("a", { href: address, download: "consulta.csv" }).click();
    URL.revokeObjectURL(address);
  });
  desk.hidden = false;
}

if (location.protocol === "file:") {
  document.getElementById("sin-servidor").hidden = false;
} else {
  build();
  state.textContent = "Abriendo la base de datos…";
  open().then(go, (error) => {
    state.textContent = `La base de datos no se pudo abrir: ${error.message}`;
  });
}
