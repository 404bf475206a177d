// A real browser opens the site: node browser.mjs <chromium> <address of the site> <package.json of its scripts>.
// Prints one JSON object a line for each thing looked at; a test of Python reads them.
import { createRequire } from "node:module";

const [executablePath, site, scripts] = process.argv.slice(2);
const { chromium } = createRequire(scripts)("playwright-core");
const axe = createRequire(scripts).resolve("axe-core/axe.min.js");
const say = (seen) => console.log(JSON.stringify(seen));

const browser = await chromium.launch({ executablePath });
const context = await browser.newContext({ locale: "es-CL", viewport: { width: 390, height: 800 } });
const page = await context.newPage();
const errors = [];
const outside = [];
page.on("console", (message) => message.type() === "error" && errors.push(message.text()));
page.on("pageerror", (error) => errors.push(String(error)));
page.on("dialog", (dialog) => {
  errors.push(`ran: ${dialog.message()}`);
  dialog.dismiss();
});
page.on("request", (request) => {
  const address = request.url();
  if (!address.startsWith(new URL("/", site).href) && !/^(data|blob):/.test(address)) outside.push(address);
});

async function look(path) {
  const start = Date.now();
  await page.goto(new URL(path, site).href, { waitUntil: "load" });
  return start;
}

async function each(path) {
  await look(path);
  const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  // Tables scrolled to their end whose rows no longer say what they are of.
  const lost = await page.evaluate(
    () =>
      [...document.querySelectorAll(".tabla")].filter((table) => {
        table.scrollLeft = table.scrollWidth;
        const head = table.querySelector("tbody th");
        return head && Math.round(head.getBoundingClientRect().left) < Math.round(table.getBoundingClientRect().left);
      }).length,
  );
  say({ page: path, errors: errors.splice(0), outside: outside.splice(0), wide, lost });
}

async function accessible(path) {
  await look(path);
  await page.addScriptTag({ path: axe });
  for (const colorScheme of ["light", "dark"]) {
    await page.emulateMedia({ colorScheme });
    const { violations } = await page.evaluate(() => axe.run());
    say({ axe: path, colorScheme, violations: violations.map(({ id, nodes }) => `${id}: ${nodes[0].html.slice(0, 160)}`) });
  }
  await page.emulateMedia({ colorScheme: "light" });
}

async function search() {
  await look("buscar.html");
  await page.getByLabel("Qué busca").fill("nunoa");
  const titles = await page.locator("#resultados a").allTextContents();
  const words = await page.locator("#cuenta").textContent();
  await page.locator("#resultados a").first().click();
  say({ search: titles, words, opened: await page.locator("h1").textContent() });
}

async function map() {
  await look("mapa.html");
  const shown = () =>
    page.evaluate(() => ({
      rows: [...document.querySelectorAll("#iniciativas tbody tr")].flatMap((row, i) => (row.hidden ? [] : [i])),
      points: [...document.querySelectorAll(".mapa a[data-i]")].flatMap((point) =>
        getComputedStyle(point).display === "none" ? [] : [Number(point.dataset.i)],
      ),
      words: document.getElementById("cuenta").textContent,
    }));
  const all = await shown();
  // By keyboard alone: the first filter, its first choice.
  await page.locator("select[name=comuna]").focus();
  await page.keyboard.press("ArrowDown");
  const some = await shown();
  const comuna = await page.locator("select[name=comuna]").inputValue();
  const drawn = await page.evaluate(() => {
    const [frame, last] = [document.querySelector(".mapa svg").getBoundingClientRect(), document.querySelector(".mapa .comunas path:last-child")];
    const inside = (part) => {
      const { left, right, top, bottom } = part.getBoundingClientRect();
      const [x, y] = [(left + right) / 2, (top + bottom) / 2];
      return x >= frame.left && x <= frame.right && y >= frame.top && y <= frame.bottom;
    };
    return {
      last: last.dataset.comuna,
      points: [...document.querySelectorAll("#puntos a:not([hidden]) circle")].map(inside),
    };
  });
  const places = await page.locator("#iniciativas tbody tr:not([hidden]) td:nth-child(2)").allTextContents();
  await page.getByRole("button", { name: "Quitar filtros" }).click();
  await page.waitForTimeout(50);
  const frame = () => page.evaluate(() => document.querySelector(".mapa svg").viewBox.baseVal.width);
  const far = await frame();
  await page.getByRole("button", { name: "Acercar la ciudad" }).press("Enter");
  const near = await frame();
  await page.getByRole("button", { name: "Acercar la ciudad" }).press("Enter");
  const row = page.locator("#iniciativas tbody tr[data-punto]").first();
  const number = await row.evaluate((found) => [...found.parentNode.rows].indexOf(found));
  // Told and not hovered over: another point may lie over it.
  await page.locator(`.mapa a[data-i="${number}"]`).dispatchEvent("mouseover");
  const popup = await page.locator("#cual").textContent();
  const said = { name: await row.locator("th").textContent(), point: await row.getAttribute("data-punto") };
  say({ map: comuna, popup, said, drawn, all, some, again: await shown(), places, frames: [far, near, await frame()] });
}

// How long a reader waits for the first answer, in milliseconds.
async function opening() {
  const start = await look("consulta.html");
  await page.locator("#resultado table").waitFor({ timeout: 30_000 });
  say({ opening: Date.now() - start });
}

async function sql() {
  await look("consulta.html");
  await page.locator("#resultado table").waitFor({ timeout: 30_000 });
  const answers = [];
  const questions = page.getByRole("button", { name: "Correr esta consulta" });
  for (let i = 0; i < (await questions.count()); i++) {
    await page.evaluate(() => document.getElementById("resultado").replaceChildren());
    await questions.nth(i).click();
    await page.waitForFunction(() => /^(Listo|La consulta)/.test(document.getElementById("estado").textContent));
    answers.push({
      state: await page.locator("#estado").textContent(),
      rows: await page.locator("#resultado tbody tr").count(),
    });
  }
  await questions.nth(1).click();
  await page.waitForFunction(() => /^Listo/.test(document.getElementById("estado").textContent));
  await page.getByLabel("Gráfico de").selectOption({ index: 1 });
  const bars = await page.locator("#consola rect").count();
  const download = page.waitForEvent("download");
  await page.getByRole("button", { name: "Guardar como CSV" }).click();
  const stream = await (await download).createReadStream();
  let csv = "";
  for await (const piece of stream) csv += piece;
  const header = await page.locator("#resultado th").allTextContents();
  const wrong = [];
  for (const query of given.wrong) {
    await page.getByLabel("Consulta SQL").fill(query);
    await page.getByRole("button", { name: "Correr la consulta" }).click();
    await page.waitForFunction(() => /^La consulta/.test(document.getElementById("estado").textContent));
    wrong.push(await page.locator("#estado").textContent());
    await page.evaluate(() => document.getElementById("estado").replaceChildren());
  }
  say({
    sql: answers.length, answers, bars, csv, header,
    wrong,
    errors: errors.splice(0), outside: outside.splice(0),
  });
}

async function preview() {
  await look("datos/iniciativas.html");
  const rows = page.locator("table.muestra tbody tr:visible");
  const before = await rows.count();
  await page.getByLabel("Filtrar la muestra").fill("zzzz no está");
  say({ preview: "iniciativas", before, after: await rows.count() });
}

// What the scripts write themselves: results, and the words under the map.
async function written() {
  await look("buscar.html");
  await page.getByLabel("Qué busca").fill("alert");
  const results = await page.locator("#resultados li").count();
  await look("mapa.html");
  await page.locator("#puntos a").first().hover();
  say({ written: await page.locator("#cual").textContent(), results, errors: errors.splice(0) });
}

const given = JSON.parse(await new Response(process.stdin).text());
try {
  for (const path of given.pages) await each(path);
  for (const path of given.kinds) await accessible(path);
  for (const walk of given.walks) await { search, map, preview, sql, opening, written }[walk]();
} finally {
  await browser.close();
}
