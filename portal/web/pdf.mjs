// Prints pages to PDF with the Chromium of the machine: node pdf.mjs <chromium> < lines of "page<TAB>pdf".
import { createInterface } from "node:readline";
import { pathToFileURL } from "node:url";
import { chromium } from "playwright-core";

const AT_ONCE = 3;
const jobs = [];
for await (const line of createInterface({ input: process.stdin })) jobs.push(line.split("\t"));

const browser = await chromium.launch({ executablePath: process.argv[2] });
async function print() {
  const page = await browser.newPage();
  for (let job = jobs.pop(); job; job = jobs.pop()) {
    const [from, to] = job;
    await page.goto(pathToFileURL(from).href);
    await page.pdf({ path: to, preferCSSPageSize: true, tagged: true });
  }
}
try {
  await Promise.all(Array.from({ length: AT_ONCE }, print));
} finally {
  await browser.close();
}
