// Prints pages to PDF with the Chromium of the machine: node pdf.mjs <chromium> < lines of "page<TAB>pdf".
import { createInterface } from "node:readline";
import { pathToFileURL } from "node:url";
import { chromium } from "playwright-core";

const browser = await chromium.launch({ executablePath: process.argv[2] });
try {
  const page = await browser.newPage();
  for await (const line of createInterface({ input: process.stdin })) {
    const [from, to] = line.split("\t");
    await page.goto(pathToFileURL(from).href);
    await page.pdf({ path: to, preferCSSPageSize: true, tagged: true, printBackground: false });
  }
} finally {
  await browser.close();
}
