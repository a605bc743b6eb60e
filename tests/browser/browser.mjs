// What the browser tests share: Debian's chromium, a clock code, and the first coordinator's set-up as a person does it.
import { chromium } from 'playwright-core';
import { createHmac } from 'node:crypto';

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

// A code is good once, so who logs in twice with one key waits for the next half minute.
const used = new Map();
export async function next_code(key) {
	while (used.get(key) === Math.floor(Date.now() / 30000)) await new Promise(r => setTimeout(r, 500));
	used.set(key, Math.floor(Date.now() / 30000));
	return totp(key);
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
