// Every page that can be reached by links, in both languages, light and dark, wide and at 320 px: what axe finds, and what axe misses
// (a page that scrolls sideways, a target that is too small, an element that the Tab key does not reach or whose focus is not seen, a
// heading level that is skipped, a script or a style in the page, weight, HTML that is not valid). STATE: a browser's saved session, or none.
//
// At most `each` addresses are looked at of one form, numbers and values aside: /access/grant/7 and /access/grant/8 are one form.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { axe, base, check, has_failed, launch, next_code, send } from './browser.mjs';

const each = Number(process.env.EACH ?? 2);
const role = process.env.ROLE ?? 'nobody';
const first = (process.env.FIRST ?? '/').split(' ');
const state = process.env.STATE ? JSON.parse(readFileSync(process.env.STATE)) : undefined;
const all = !!process.env.ALL;      // else what hangs on the style sheet alone is looked at in one language

const form_of = url => {
	const at = new URL(url, base);
	const names = [...at.searchParams.keys()].filter(n => n !== 'lang').sort().join('&');
	return at.pathname.split('/').map(part => /\d/.test(part) || part.length > 24 ? ':' : part).join('/') + (names ? `?${names}` : '');
};

// What tidy says of the HTML as it was sent. Debian's is older than some of the standard: these attributes are valid, and so is a <div>
// around a pair of a <dl>, which is taken out before.
const newer = /proprietary attribute "(aria-current|autocapitalize|inputmode)"|<title> proprietary attribute "id"/;
function invalid(html) {
	const plain = html.replace(/<dl[^>]*>.*?<\/dl>/gs, list => list.replace(/<\/?div[^>]*>/g, ''));
	const said = spawnSync('tidy', ['-q', '-e', '-utf8', '--drop-empty-elements', 'no', '--show-info', 'no'], { input: plain, encoding: 'utf8' });
	if (said.error) return [`tidy: ${said.error.message}`];
	return said.stderr.split('\n').filter(line => line && !newer.test(line)).map(line => `HTML: ${line}`);
}

async function faults_of(page, response) {
	const faults = [];
	const headers = response.headers();
	const say = (what, is) => is || faults.push(what);
	const policy = headers['content-security-policy'] ?? '';
	say('no Content-Security-Policy with default-src none', policy.includes("default-src 'none'"));
	say('may be framed', policy.includes("frame-ancestors 'none'"));
	say('no nosniff', headers['x-content-type-options'] === 'nosniff');
	say('no Referrer-Policy', !!headers['referrer-policy']);
	const body = (await response.body()).length;
	say(`${body} bytes of HTML`, body < 38000);
	faults.push(...invalid(await response.text()));
	faults.push(...await page.evaluate(() => {
		const found = [];
		const all = s => [...document.querySelectorAll(s)];
		if (all('h1').length !== 1) found.push(`${all('h1').length} h1`);
		let level = 1;
		for (const h of all('h1,h2,h3,h4,h5,h6')) {
			const n = Number(h.tagName[1]);
			if (n > level + 1) found.push(`heading "${h.textContent.trim()}" jumps from ${level} to ${n}`);
			level = n;
		}
		if (!/ – Samordna$/.test(document.title)) found.push(`title "${document.title}"`);
		if (all('script:not([src]),style,[style],[onclick],[onsubmit]').length) found.push('something inline');
		if (/\{[a-z_]+\}|%[sd]|undefined|\(null\)/.test(document.querySelector('main').innerText)) found.push('a hole that was not filled');
		for (const id of new Set(all('[id]').map(e => e.id))) if (all(`[id="${CSS.escape(id)}"]`).length > 1) found.push(`id ${id} twice`);
		for (const a of all('a[href^="#"]')) if (!document.getElementById(a.getAttribute('href').slice(1))) found.push(`no place ${a.getAttribute('href')}`);
		return found;
	}));
	return faults;
}

// At 320 px nothing scrolls sideways, and what is pressed is large enough for a finger.
const narrow = () => {
	const found = [];
	const over = document.documentElement.scrollWidth - innerWidth;
	if (over > 0) {
		const wide = [...document.querySelectorAll('main *, header *, footer *, nav *')].filter(e => e.getBoundingClientRect().right > innerWidth + 1
			&& !e.closest('.scroll, .wide, [tabindex="0"]'));
		found.push(`scrolls ${over} px sideways at 320 px: ${wide.slice(0, 3).map(e => e.outerHTML.slice(0, 80)).join(' | ')}`);
	}
	for (const e of document.querySelectorAll('button, input:not([type=hidden]):not([type=checkbox]):not([type=radio]), select, textarea, summary')) {
		const box = e.getBoundingClientRect();
		if (box.width && box.height && !e.closest('details:not([open])') && (box.height < 24 || box.width < 24)) found.push(`target ${Math.round(box.width)}×${Math.round(box.height)}: ${e.outerHTML.slice(0, 80)}`);
	}
	return found;
};

// The Tab key reaches everything, in the order of the page, and shows where it is.
async function walk(page) {
	const want = await page.evaluate(() => {
		const radios = new Set();
		const reach = [...document.querySelectorAll('a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex="0"]')].filter(e => {
			if (e.disabled || e.tabIndex < 0 || (e.closest('details:not([open])') && e.tagName !== 'SUMMARY') || !e.checkVisibility({ checkVisibilityCSS: true })) return false;
			if (e.type !== 'radio') return true;
			if (radios.has(e.name)) return false;
			radios.add(e.name);
			return true;
		});
		document.body.tabIndex = -1;
		document.body.focus();
		document.body.removeAttribute('tabindex');
		return reach.length;
	});
	const found = [];
	let before = null, n = 0;
	for (; n <= want + 2; n++) {
		await page.keyboard.press('Tab');
		const at = await page.evaluate(() => {
			const e = document.activeElement;
			if (!e || e === document.body || e === document.documentElement) return null;
			const s = getComputedStyle(e), box = e.getBoundingClientRect();
			window.walked ??= [];
			const order = window.walked.length ? window.walked.at(-1).compareDocumentPosition(e) & 4 : 4;
			// A date has a stop for its year, month and day each, and one for its button.
			const is_date = e.type === 'date' && window.walked.at(-1) === e;
			const again = !is_date && window.walked.includes(e);
			if (is_date) return { is_date };
			window.walked.push(e);
			return { what: e.outerHTML.slice(0, 80), again, order: !!order, seen: s.outlineStyle !== 'none' && parseFloat(s.outlineWidth) > 0,
				inside: box.width > 0 && box.bottom > 0 && box.top < innerHeight };
		});
		if (!at || at.again) break;
		if (at.is_date) { n--; continue; }
		if (!at.seen) found.push(`focus is not seen on ${at.what}`);
		if (!at.order) found.push(`out of order: ${at.what}`);
		if (!at.inside) found.push(`focus is off the screen: ${at.what}`);
		before = at;
	}
	if (n < want) found.push(`the Tab key reaches ${n} of ${want}, last ${before?.what}`);
	return found;
}

// SEEN: a file of the forms that earlier roles have looked at, which are not looked at again, only gone through for their links.
const known = new Set(process.env.SEEN && existsSync(process.env.SEEN) ? JSON.parse(readFileSync(process.env.SEEN)) : []);
const browser = await launch();
const seen = new Map(), shown = new Set();
const titles = { sv: new Map(), en: new Map() };
const queue = first.map(path => ({ path, from: 'here' }));
const contexts = {};
for (const [tag, locale] of [['sv', 'sv-SE'], ['en', 'en-GB']]) {
	contexts[tag] = await browser.newContext({ locale, storageState: state, reducedMotion: 'reduce' });
	contexts[tag].setDefaultTimeout(20000);
}

// What asks for the second factor again gets it, once for both languages: they share a session.
let stepping = Promise.resolve(), stepped_at = 0;
function step_up(tag) {
	return stepping = stepping.then(async () => {
		if (Date.now() - stepped_at < 200000) return;
		const page = await contexts[tag].newPage();
		await page.goto(`${base}/step-up?next=%2Fme`);
		await send(page, { otp: await next_code(process.env.KEY) });
		await page.close();
		stepped_at = Date.now();
	});
}

async function look(path, tag) {
	const page = await contexts[tag].newPage();
	const faults = [];
	let links = [], form = '';
	try {
		const others = [];
		page.on('request', r => new URL(r.url()).origin === new URL(base).origin || others.push(r.url()));
		let response = await page.goto(base + path);
		if (page.url().includes('/step-up') && process.env.KEY) {
			await step_up(tag);
			response = await page.goto(base + path);
		}
		const status = response.status();
		if (status >= 400 && !/no\/such/.test(path)) faults.push(`answered ${status}`);
		faults.push(...await faults_of(page, response));
		const lang = await page.getAttribute('html', 'lang');
		if (lang !== tag) faults.push(`speaks ${lang}`);
		await page.evaluate(() => document.querySelectorAll('details').forEach(one => { one.open = true; }));
		faults.push(...await axe(page));
		if (tag === 'sv' || all) {
			await page.emulateMedia({ colorScheme: 'dark' });
			faults.push(...(await axe(page, ['color-contrast'])).map(f => `dark: ${f}`));
			await page.emulateMedia({ colorScheme: 'light' });
			faults.push(...await walk(page));
		}
		await page.setViewportSize({ width: 320, height: 640 });
		faults.push(...await page.evaluate(narrow));
		if (tag === 'sv' || all) faults.push(...(await axe(page)).map(f => `320 px: ${f}`));
		if (process.env.SHOTS) await page.screenshot({ path: `${process.env.SHOTS}/${role}${form_of(path).replace(/[^a-z0-9:]/gi, '_')}-${tag}-320.png`, fullPage: true, timeout: 60000 });
		await page.setViewportSize({ width: 1200, height: 900 });
		if (process.env.SHOTS) await page.screenshot({ path: `${process.env.SHOTS}/${role}${form_of(path).replace(/[^a-z0-9:]/gi, '_')}-${tag}.png`, fullPage: true });
		if (others.length) faults.push(`asks elsewhere: ${others[0]}`);
		form = form_of(page.url());
		const title = await page.title(), shown_at = form.split('?')[0];
		const other = titles[tag].get(title);
		if (other && other !== shown_at && status < 400) faults.push(`the same title as ${other}: ${title}`);
		titles[tag].set(title, shown_at);
		links = await page.evaluate(() => [...document.querySelectorAll('a[href]')].map(a => a.href));
	} catch (error) {
		faults.push(String(error).split('\n')[0]);
	}
	await page.close();
	return { faults, links, form };
}

function follow(links, from) {
	for (const link of links) {
		const at = new URL(link);
		if (at.origin !== new URL(base).origin || at.searchParams.has('lang') || /csv|\.ics|export|\.pdf|raw=|as=(pdf|text)|\/download$/.test(at.pathname + at.search)) continue;
		const path = at.pathname + at.search;
		if (done.has(path)) continue;
		done.add(path);
		queue.push({ path, from });
	}
}

async function go_through({ path, from }) {
	const page = await contexts.sv.newPage();
	const response = await page.goto(base + path);
	// One's own log-in is closed to whoever acts as somebody in the exercise.
	if (response.status() >= 400 && !(response.status() === 403 && path === '/me/security'))
		check(`${role} ${path}`, false, `linked from ${from}, answered ${response.status()}`);
	follow(await page.evaluate(() => [...document.querySelectorAll('a[href]')].map(a => a.href)), path);
	await page.close();
}

async function work() {
	for (let one; (one = queue.shift()); ) {
		// Three names below one parent (/admin/setting/x) are enough too.
		const form = form_of(one.path), path = form.split('?')[0].split('/');
		const parent = path.length > 3 ? path.slice(0, -1).join('/') + '/*' : form;
		const n = seen.get(form) ?? 0, below = seen.get(parent) ?? 0;
		if (n >= each || (parent !== form && below >= 3)) continue;
		seen.set(form, n + 1);
		seen.set(parent, below + 1);
		if (known.has(form)) {
			await go_through(one);
			continue;
		}
		const looked = await Promise.all(['sv', 'en'].map(tag => look(one.path, tag)));
		for (const [i, tag] of ['sv', 'en'].entries())
			check(`${role} ${one.path} ${tag}`, looked[i].faults.length === 0, `(linked from ${one.from}) ${looked[i].faults.slice(0, 8).join('\n    ')}`);
		shown.add(looked[0].form);       // not what was asked for: a stranger who asks for / sees /login
		follow(looked[0].links, one.path);
	}
}
const done = new Set(queue.map(q => q.path));
await work();
await browser.close();
if (process.env.SEEN) writeFileSync(process.env.SEEN, JSON.stringify([...new Set([...known, ...shown])]));
if (seen.size < Number(process.env.LEAST ?? 1)) check(`${role}: forms of pages`, false, `only ${seen.size}: ${[...seen.keys()].join(' ')}`);
process.exit(has_failed() ? 1 : 0);
