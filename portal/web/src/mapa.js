// Filters the map and its table alike: a row and its point are shown together or not at all.
const form = document.getElementById("filtros");
const count = document.getElementById("cuenta");
const caption = document.getElementById("cual");
const usual = caption.textContent;
const apart = document.querySelector(".mapa .aparte");
const rows = [...document.querySelectorAll("#iniciativas tbody tr")];
const points = new Map([...document.querySelectorAll(".mapa a[data-i]")].map((point) => [Number(point.dataset.i), point]));
const outlines = [...document.querySelectorAll(".mapa .comunas path")];
const drawing = document.querySelector(".mapa svg");
const closer = document.getElementById("acercar");
const whole = rectangle(drawing.viewBox.baseVal);
// The outlines are coarse: closer, the gaps between neighbours would show.
const CLOSEST = 3;
const written = (number) => number.toLocaleString("es-CL");

function rectangle({ x, y, width, height }) {
  return { x, y, width, height };
}

function chosen() {
  return [...new FormData(form)].filter(([, value]) => value);
}

function holds(row, filters) {
  return filters.every(([name, value]) => row.dataset[name].split("|").includes(value));
}

// Where most points are: their middle, which is the city.
function city() {
  const places = [...document.querySelectorAll("#puntos circle")].map(({ cx, cy }) => [cx.baseVal.value, cy.baseVal.value]);
  const middle = (axis) => places.map((place) => place[axis]).sort((a, b) => a - b)[places.length >> 1];
  return { x: middle(0), y: middle(1), width: 0, height: 0 };
}

// A comuna's outline and every point that is shown: a point that SAGIR reports may lie far from its comuna.
function around(outline) {
  const box = outline.getBBox();
  const places = [...document.querySelectorAll("#puntos a:not([hidden]) circle")].map(({ cx, cy }) => [cx.baseVal.value, cy.baseVal.value]);
  const xs = [box.x, box.x + box.width, ...places.map(([x]) => x)];
  const ys = [box.y, box.y + box.height, ...places.map(([, y]) => y)];
  const [x, y] = [Math.min(...xs), Math.min(...ys)];
  return { x, y, width: Math.max(...xs) - x, height: Math.max(...ys) - y };
}

// Shows the whole region, or a place with some of what is around it, in a frame of the same proportions.
function lookAt(box) {
  const wide = Math.max(box.width, (box.height * whole.width) / whole.height) * 1.5;
  const width = Math.min(Math.max(wide, whole.width / CLOSEST), whole.width);
  const height = (width * whole.height) / whole.width;
  const within = (start, room) => Math.min(Math.max(start, 0), room);
  const corner = [
    within(box.x + (box.width - width) / 2, whole.width - width),
    within(box.y + (box.height - height) / 2, whole.height - height),
  ];
  drawing.setAttribute("viewBox", [...corner, width, height].join(" "));
  drawing.style.setProperty("--escala", width / whole.width);
}

function show() {
  const filters = chosen();
  const seen = { all: 0, drawn: 0, regional: 0 };
  rows.forEach((row, number) => {
    const shown = holds(row, filters);
    const point = points.get(number);
    row.hidden = !shown;
    point?.toggleAttribute("hidden", !shown);
    seen.all += shown;
    seen.regional += shown && "regional" in row.dataset;
    seen.drawn += shown && point !== undefined && !("regional" in row.dataset);
  });
  if (apart) apart.hidden = !seen.regional;
  const comuna = form.elements.comuna.value;
  const chosenOne = outlines.find((outline) => outline.dataset.comuna === comuna);
  for (const outline of outlines) outline.classList.toggle("elegida", outline === chosenOne);
  // Painted last, or its neighbours would cover half of its border.
  if (chosenOne) chosenOne.parentNode.append(chosenOne);
  const near = closer.getAttribute("aria-pressed") === "true" && points.size;
  lookAt(chosenOne ? around(chosenOne) : near ? city() : whole);
  const rest = seen.all - seen.drawn - seen.regional;
  count.textContent =
    `${written(seen.all)} ${seen.all === 1 ? "iniciativa" : "iniciativas"}: ${written(seen.drawn)} en el mapa, ` +
    `${written(seen.regional)} de toda la región, ${written(rest)} sin un punto conocido.`;
  history.replaceState(null, "", filters.length ? `#${new URLSearchParams(filters)}` : "#");
}

for (const [name, value] of new URLSearchParams(location.hash.slice(1))) {
  if (form.elements[name]) form.elements[name].value = value;
}
form.hidden = false;
form.addEventListener("change", show);
form.addEventListener("reset", () => setTimeout(show));
closer.addEventListener("click", () => {
  const near = closer.getAttribute("aria-pressed") !== "true";
  closer.setAttribute("aria-pressed", near);
  form.elements.comuna.value = "";
  show();
});
// A comuna that is pointed at is chosen, or let go.
for (const outline of outlines) {
  outline.addEventListener("click", () => {
    const { value } = form.elements.comuna;
    form.elements.comuna.value = value === outline.dataset.comuna ? "" : outline.dataset.comuna;
    show();
  });
}
document.querySelector(".mapa").addEventListener("mouseover", ({ target }) => {
  const point = target.closest("a[data-i]");
  const row = point && rows[Number(point.dataset.i)];
  caption.textContent = row ? [row.cells[0].textContent, row.dataset.punto].filter(Boolean).join(": ") : usual;
});
show();
