// What the browser tests share: Debian's chromium, a clock code, and the first coordinator's set-up as a person does it.
import axe_core from 'axe-core';      // @axe-core/playwright brings it
import { chromium } from 'playwright-core';
import { execFileSync } from 'node:child_process';
import { createHmac } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';

export const base = process.env.BASE;
const failures = [];

export function check(name, is, why = '') {
	console.log(`${is ? 'ok' : 'not ok'} ${name}`);
	if (!is) {
		failures.push(name);
		console.error(`${name}: ${why}`);
	}
	return is;
}
export const has_failed = () => failures.length > 0;

export async function launch() {
	return chromium.launch({
		executablePath: '/usr/bin/chromium',
		args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
			'--disable-component-update', '--disable-sync'],
	});
}

// RFC 6238, SHA-1, 6 digits, 30 s: the code that the app on the phone would show.
export function totp(key, at = Date.now()) {
	const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
	let bits = '';
	for (const c of key.replace(/=+$/, '')) bits += letters.indexOf(c).toString(2).padStart(5, '0');
	const secret = Buffer.from(bits.match(/.{8}/g).map(b => parseInt(b, 2)));
	const counter = Buffer.alloc(8);
	counter.writeBigUInt64BE(BigInt(Math.floor(at / 30000)));
	const hash = createHmac('sha1', secret).update(counter).digest();
	const from = hash[19] & 15;
	return String((hash.readUInt32BE(from) & 0x7fffffff) % 1e6).padStart(6, '0');
}

// A code is good once and none older after it, and the server takes the one before and the one after too: so three log-ins in half a minute
// need no waiting. Which was used last stands in a file, since the journeys and each walk are programs of their own.
export async function next_code(key) {
	const file = `${process.env.STATES}/used-${key.slice(0, 8)}`;
	const last = existsSync(file) ? Number(readFileSync(file)) : 0, now = () => Math.floor(Date.now() / 30000);
	while (last >= now() + 1) await new Promise(r => setTimeout(r, 200));
	const counter = Math.max(last + 1, now() - 1);
	writeFileSync(file, String(counter));
	// The edge of a half minute would make the oldest too old on its way.
	return totp(key, counter < now() && Date.now() % 30000 > 25000 ? (writeFileSync(file, String(counter + 1)), (counter + 1) * 30000) : counter * 30000);
}

// Fills the fields of the form that holds `name`, and sends it by its own button, or by Enter.
export async function send(page, fields, by = 'mouse') {
	const names = Object.keys(fields);
	for (const name of names) await page.fill(`[name="${name}"]`, fields[name]);
	const form = page.locator('form', { has: page.locator(`[name="${names[0]}"]`) }).first();
	const arrives = page.waitForNavigation();
	if (by === 'keyboard') await page.press(`[name="${names.at(-1)}"]`, 'Enter');
	else await form.locator('button[type=submit], button:not([type])').first().click();
	await arrives;
}

// With a start code: password, then the second factor from the key in the page. Returns the key.
export async function start(page, fields, by) {
	await page.goto(`${base}/setup`);
	await send(page, fields, by);
	const key = (await page.content()).match(/otpauth:\/\/[^"<\s]*?secret=([A-Z2-7]+)/)?.[1];
	if (!key) throw new Error(`no otpauth address on ${page.url()}: ${await page.innerText('main')}`);
	await send(page, { otp: await next_code(key) }, by);
	return key;
}

// `saved`: one of the saved codes instead, which needs no waiting.
export async function log_in(page, user, password, key, by, saved) {
	await page.goto(`${base}/login`);
	await send(page, { user, password }, by);
	await send(page, { otp: saved ?? await next_code(key) }, by);
}

// --- journeys ---

export const states = process.env.STATES;
export const phone = { viewport: { width: 320, height: 640 }, hasTouch: true, isMobile: true };
// The four ways in which each journey is made.
export const ways = [['mouse', {}, 'mouse'], ['keyboard', {}, 'keyboard'], ['no script', { javaScriptEnabled: false }, 'mouse'], ['phone', phone, 'mouse']];
export const is = (what, got, why) => { if (!what) throw new Error(`${why}: ${got}`); };

// ONLY: a pattern of those that are made.
export async function journey(name, run) {
	if (process.env.ONLY && !new RegExp(process.env.ONLY).test(name)) return;
	const began = Date.now();
	try {
		await run();
		check(name, true);
	} catch (error) {
		check(name, false, String(error.stack ?? error).split('\n').slice(0, 4).join('\n'));
	}
	if (process.env.TIMES) console.error(`${((Date.now() - began) / 1000).toFixed(1)} s  ${name}`);
}

// A desk is somebody with a browser window. role: whose session it has; '': a visitor's.
export async function desk_of(browser, role, options) {
	const context = await browser.newContext({ locale: 'sv-SE', ...(role ? { storageState: `${states}/${role}.json` } : {}), ...options });
	return { context, page: await context.newPage(), presses: 0 };
}
export async function press_by(desk, by, selector) {
	const button = desk.page.locator(selector).first();
	desk.presses++;
	await Promise.all([desk.page.waitForNavigation(), by === 'keyboard' ? button.focus().then(() => desk.page.keyboard.press('Enter')) : button.click()]);
	is(await desk.page.evaluate(() => document.documentElement.scrollWidth <= innerWidth).catch(() => true), desk.page.url(), 'nothing scrolls sideways');
}
// A radio button or a box, by mouse, finger or the space bar.
export async function pick_by(desk, by, selector) {
	desk.presses++;
	if (by !== 'keyboard') return desk.page.locator(selector).first().check();
	await desk.page.locator(selector).first().focus();
	await desk.page.keyboard.press('Space');
}
export const text_of = page => page.innerText('main');
// What axe finds in a page, with all rules or those named. It is put into the page once and asked there: by way of AxeBuilder, which opens a page of its
// own each time, the same takes four times as long. It waits on the page's timers, so it is not asked where script is off: the HTML is the same.
const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
export async function axe(page, rules) {
	if (!await page.evaluate(() => 'axe' in window)) await page.evaluate(axe_core.source);
	return page.evaluate(async only => {
		const { violations } = await window.axe.run(document, { runOnly: only, resultTypes: ['violations'] });
		return violations.map(v => `${v.id}: ${v.nodes.slice(0, 3).map(n => n.html.slice(0, 120)).join(' | ')}`);
	}, rules ? { type: 'rule', values: rules } : { type: 'tag', values: tags });
}
export async function no_violations(desk, mode, what) {
	if (mode === 'no script') return;
	const found = await axe(desk.page);
	is(found.length === 0, found.join('\n'), `${what}: axe finds nothing`);
}

// A command in the served home.
export const samordna = (...words) => execFileSync(process.env.SAMORDNA, [...words, '--home', process.env.HOME_DIR], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'],
	maxBuffer: 64 << 20 });
// What radclient hears, from a gateway that has checked the password itself.
export const connect = who => {
	try {
		return execFileSync('radclient', ['-x', '-r', '1', '-t', '3', '127.0.0.1:28312', 'auth', 'vpnsecret'],
			{ input: `User-Name=${who},Message-Authenticator=0x00\n`, encoding: 'utf8', stdio: ['pipe', 'pipe', 'pipe'] });
	} catch (error) {
		return String(error.stdout) + error.stderr;
	}
};
export const day = n => new Date(Date.now() + n * 864e5).toISOString().slice(0, 10);
