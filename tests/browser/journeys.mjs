// Journeys: what people do here from the beginning to the end, in the ways they do it: mouse, keyboard alone, without script, on a phone.
// Leaves the session of each role in STATES/ROLE.json, for pages.mjs.
import { writeFileSync } from 'node:fs';
import { base, check, connect, day, desk_of as desk_in, has_failed, is, journey, launch, log_in, next_code, phone, press_by, samordna, send, start, states, text_of, ways } from './browser.mjs';

const browser = await launch();

const desk_of = (role, options) => desk_in(browser, role, options);

const coordinator = { name: 'Karin Nyberg', email: 'karin.nyberg@exempelkommunen.example', password: 'fyra hästar i en hage' };
await journey('J14 first run: a start code makes the first coordinator, without script', async () => {
	const context = await browser.newContext({ locale: 'sv-SE', javaScriptEnabled: false });
	const page = await context.newPage();
	coordinator.key = await start(page, { code: process.env.CODE, name: coordinator.name, email: coordinator.email,
		password: coordinator.password, password_again: coordinator.password }, 'mouse');
	const saved = await page.innerText('main');
	coordinator.saved = saved.match(/\b[0-9A-Z]{4}(-[0-9A-Z]{4})+\b/g) ?? [];
	is(coordinator.saved.length === 10, saved, 'ten saved codes are shown');
	writeFileSync(`${states}/key`, coordinator.key);
	await page.goto(`${base}/`);
	is((await page.locator('h2, h3').count()) > 4, await page.innerText('main'), 'the start page has its questions');
	await context.storageState({ path: `${states}/coordinator.json` });
	await context.close();
});

for (const [mode, options, by] of ways)
	await journey(`log in and out: ${mode}`, async () => {
		const context = await browser.newContext({ locale: 'en-GB', ...options });
		const page = await context.newPage();
		await page.goto(`${base}/people`);
		is(page.url().includes('/login'), page.url(), 'who is not logged in is asked to');
		await send(page, { user: coordinator.email, password: 'wrong password entirely' }, by);
		is((await page.title()).startsWith('Error'), await page.title(), 'a wrong password says so in the title');
		is(await page.locator('[role=alert] a, .errors a').count() > 0, await page.innerText('main'), 'the summary links to the field');
		is(await page.inputValue('[name=user]') === coordinator.email, await page.inputValue('[name=user]'), 'what was typed is kept');
		await log_in(page, coordinator.email, coordinator.password, coordinator.key, by, mode === 'mouse' ? undefined : coordinator.saved.pop());
		is(!page.url().includes('/login'), page.url(), 'logged in');
		await page.locator('form[action*="logout"] button').click();
		await page.goto(`${base}/people`);
		is(page.url().includes('/login'), page.url(), 'logged out');
		await context.close();
	});

// Whom /exercise lets the coordinator become, by role; each gets a session of its own, as if at a desk of their own.
const cast = {};
const role_names = { samordnare: 'other_coordinator', ledning: 'management', systemägare: 'system_owner', support: 'support', revisor: 'auditor',
	chef: 'manager', medarbetare: 'employee' };
await journey('in the exercise the coordinator becomes one person of each role', async () => {
	const context = await browser.newContext({ locale: 'sv-SE' });
	const page = await context.newPage();
	await log_in(page, coordinator.email, coordinator.password, coordinator.key);
	is(/[Öö]vning/.test(await page.innerText('main')), await page.innerText('main'), 'the page says that it is an exercise');
	await context.storageState({ path: `${states}/coordinator.json` });
	await page.goto(`${base}/exercise`);
	for (const row of await page.locator('tbody tr').all()) {
		const [word, name] = [await row.locator('th').innerText(), await row.locator('td').first().innerText()];
		const role = role_names[word.trim().toLowerCase()];
		is(role, word, 'a role that the test knows');
		cast[role] = { name: name.trim(), code: await row.locator('button').getAttribute('value') };
	}
	for (const [role, one] of Object.entries(cast)) {
		const own = await browser.newContext({ locale: 'sv-SE', ...(role === 'system_owner' ? phone : {}) });
		const desk = await own.newPage();
		await log_in(desk, coordinator.email, coordinator.password, coordinator.key, 'mouse', coordinator.saved.pop());
		await desk.goto(`${base}/exercise`);
		await Promise.all([desk.waitForNavigation(), desk.locator(`button[value="${one.code}"]`).click()]);
		is((await desk.innerText('body')).includes(one.name), await desk.innerText('header'), `one is ${one.name} now`);
		await own.storageState({ path: `${states}/${role}.json` });
		one.context = own;
		one.page = desk;
	}
	// Saved codes for the journeys that follow: each log-in with a code from the phone would wait for the next half minute.
	await page.goto(`${base}/me/security/codes`);
	if (page.url().includes('/step-up')) await send(page, { otp: await next_code(coordinator.key) });
	await Promise.all([page.waitForNavigation(), page.locator('main form button').first().click()]);
	coordinator.more = (await page.innerText('main')).match(/\b[0-9A-Z]{4}(-[0-9A-Z]{4})+\b/g) ?? [];
	is(coordinator.more.length === 10, await page.innerText('main'), 'ten new codes');
	await context.close();
	writeFileSync(`${states}/cast.json`, JSON.stringify({ coordinator, cast: Object.fromEntries(Object.entries(cast).map(([role, { name, code }]) => [role, { name, code }])) }));
});

// --- the story of the house ---

const press = async (page, selector) => Promise.all([page.waitForNavigation(), page.locator(selector).first().click()]);

await journey('story: asked, approved on a phone, executed, connected, left, refused, audited', async () => {
	const people = samordna('people', 'list', '--json').trim().split('\n').map(line => JSON.parse(line));
	const has = new Set(samordna('access', 'list', '--json').trim().split('\n').map(line => JSON.parse(line)).filter(g => g.state !== 'expired').map(g => g.person));
	const somebody = people.find(p => p.manager === cast.manager.code && !has.has(p.id) && p.email && !p.left && !p.protected);
	is(somebody, cast.manager.code, 'the manager has somebody without access');
	is(connect(somebody.email).includes('Access-Reject'), '', 'nobody connects without a grant');

	let page = cast.manager.page;
	await page.goto(`${base}/access/ask`);
	const service = await page.locator('datalist#services option').first().getAttribute('value');
	await send(page, { person: somebody.id, service, purpose: 'Arbete hemifrån', from: day(0), until: day(30) });
	await press(page, 'button[name=act][value=send]');
	const grant = (await page.innerText('main')).match(/ehörighet (\d+)/)?.[1];
	is(grant, await page.innerText('main'), 'the grant has a number');
	is(!(await page.locator('button[name=act][value=approve]').count()), '', 'who asked cannot approve');

	page = cast.system_owner.page;
	await page.goto(`${base}/access?view=waiting`);
	await page.goto(`${base}/access/grant/${grant}`);
	is(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), '', 'fits the phone');
	await press(page, 'button[name=act][value=approve]');
	is(connect(somebody.email).includes('Access-Reject'), '', 'approved is not executed');

	page = cast.support.page;
	await page.goto(`${base}/access/grant/${grant}`);
	await press(page, 'button[name=act][value=execute]');
	const accept = connect(somebody.email);
	is(accept.includes('Access-Accept') && accept.includes('Session-Timeout'), accept, 'the VPN client gets in');
	const leaf = Buffer.from(accept.match(/Class = 0x([0-9a-f]+)/)[1], 'hex').toString();
	is(/^samordna:\d+$/.test(leaf), leaf, 'the accept names its leaf');

	const columns = ['id', 'name', 'email', 'phone', 'unit', 'manager', 'employment_end', 'roles', 'protected', 'login'];
	const cell = v => `"${String(v === true ? 'yes' : v === false ? 'no' : Array.isArray(v) ? v.join(' ') : v ?? '').replaceAll('"', '""')}"`;
	writeFileSync(`${states}/hr.csv`, [columns.join(','), ...people.filter(p => p.id !== somebody.id && !p.left && !p.id.startsWith('local:'))
		.map(p => columns.map(c => cell(p[c] ?? '')).join(','))].join('\n') + '\n');
	const import_said = samordna('people', 'import', `${states}/hr.csv`, '--json');
	is(JSON.parse(import_said.split('\n')[0]).left === 1, import_said, 'one person has left');
	const refused = connect(somebody.email);
	is(refused.includes('Access-Reject') && /anställning/i.test(refused), refused, 'the next login is refused with the reason in Swedish');

	page = cast.auditor.page;
	for (const [action, subject] of [['access.ask'], ['access.approve'], ['access.execute'], ['gate.accept', somebody.id], ['people.']]) {
		await page.goto(`${base}/admin/audit?action=${action}${subject ? `&subject=${encodeURIComponent(subject)}` : ''}`);
		is(await page.locator('main table tbody tr, main ol li').count() > 0, await page.innerText('main'), `the auditor sees ${action}`);
	}
	await page.goto(`${base}/admin/audit/${leaf.split(':')[1]}`);
	is((await page.innerText('main')).includes('gate.accept'), await page.innerText('main'), 'the leaf that the accept named');
});

// --- who rings the support? ---

async function begin_call(desk, by, name, errand) {
	await desk.page.goto(`${base}/access/verification`);
	await desk.page.fill('[name=q]', name);
	await press_by(desk, by, 'form[method=get] button');
	await desk.page.locator(`label:has-text("${name}") input[name=who]`).first().check();
	await desk.page.check(`#errand-${errand}`);
	desk.presses += 1;
	await press_by(desk, by, 'form[action="/access/verification"][method=post] button.primary');
	await press_by(desk, by, 'button[value=call]');
}

for (const [mode, options, by] of ways)
	await journey(`J4 the agent verifies a caller, class A: ${mode}`, async () => {
		const desk = await desk_of('support', options), her = await desk_of('employee', options);
		await begin_call(desk, by, cast.employee.name, 'unlock');
		const words = (await desk.page.locator('p.big').first().innerText()).trim();
		await her.page.goto(`${base}/me`);
		const own = await text_of(her.page), code = own.match(/kod:\s*(\d{3} \d{3})/)?.[1];
		is(code && own.includes(words), own, 'her page has the words and a code');
		await desk.page.fill('[name=code]', code.startsWith('9') ? `0${code.slice(1)}` : `9${code.slice(1)}`);
		await press_by(desk, by, 'button[value=read]');
		is((await desk.page.title()).startsWith('Fel') && (await text_of(desk.page)).includes('2 försök kvar'), await text_of(desk.page), 'a wrong code is counted');
		desk.presses--;
		await desk.page.fill('[name=code]', code);
		await press_by(desk, by, 'button[value=read]');
		is((await text_of(desk.page)).includes('är verifierad för: upplåsning'), await text_of(desk.page), 'verified, for one errand');
		is(desk.presses <= 6, desk.presses, 'six presses at the most');
		await press_by(desk, by, 'button[value=use]');
		is((await text_of(desk.page)).includes('ärendet gjort'), await text_of(desk.page), 'the token is used up');
		await desk.context.close();
		await her.context.close();
	});

await journey('J3 /akta: right, wrong, and the sixth wrong one waits', async () => {
	const desk = await desk_of('support', {});
	await begin_call(desk, 'mouse', cast.employee.name, 'unlock');
	const number = (await text_of(desk.page)).match(/skriva (\d{3} \d{3}) på/)[1];
	const wrong = number.startsWith('9') ? `8${number.slice(1)}` : `9${number.slice(1)}`;
	for (const [mode, options, by] of ways) {
		const visitor = await desk_of('', options);
		await visitor.page.goto(`${base}/akta`);
		const began = Date.now();
		await send(visitor.page, { number }, by);
		is(Date.now() - began < 1500 && /Ja\. \S+ på IT-support ringer dig om: upplåsning/.test(await text_of(visitor.page)), await text_of(visitor.page), `${mode}: right`);
		is(!(await text_of(visitor.page)).includes(cast.employee.name), await text_of(visitor.page), `${mode}: nobody is named`);
		await send(visitor.page, { number: wrong }, by);
		is((await text_of(visitor.page)).includes('Lägg på'), await text_of(visitor.page), `${mode}: wrong`);
		is(await visitor.page.locator('a[href="/rapportera"]').count() > 0, '', `${mode}: it can be reported`);
		await visitor.context.close();
	}
	const visitor = await desk_of('', {});
	await visitor.page.goto(`${base}/akta`);
	await send(visitor.page, { number: wrong });
	await send(visitor.page, { number: wrong });
	is((await text_of(visitor.page)).includes('För många fel nummer'), await text_of(visitor.page), 'the sixth wrong one waits');
	await visitor.context.close();
	await desk.page.fill('[name=why]', 'Lade på');
	await press_by(desk, 'mouse', 'button[value=abort]');
	await desk.context.close();
});

for (const [mode, options, by] of ways)
	await journey(`J5 the employee says that it was not she: ${mode}`, async () => {
		const desk = await desk_of('support', {}), her = await desk_of('employee', options);
		await begin_call(desk, 'mouse', cast.employee.name, 'password');
		await her.page.goto(`${base}/me`);
		await her.page.reload();
		await desk.page.reload();
		is(!(await text_of(desk.page)).includes('Ej verifierad'), '', 'to look says nothing');
		await press_by(her, by, 'section.banner button.stop');
		is((await text_of(her.page)).includes('Din fjärranslutning är spärrad en tid'), await text_of(her.page), 'her connection is held');
		await desk.page.reload();
		is((await text_of(desk.page)).includes('Ej verifierad'), await text_of(desk.page), 'the agent sees it at once');
		await desk.page.goto(`${base}/incidents`);
		is((await desk.page.innerText('body')).includes('det var inte jag'), await text_of(desk.page), 'an incident is open');
		await desk.context.close();
		await her.context.close();
	});

await journey('HR\'s file in the browser, without script: sent, checked, what it would change is shown', async () => {
	const context = await browser.newContext({ locale: 'sv-SE', storageState: `${states}/coordinator.json`, javaScriptEnabled: false });
	const page = await context.newPage();
	await page.goto(`${base}/people/import`);
	await page.setInputFiles('input[type=file]', `${states}/hr.csv`);
	await press(page, 'main form button');
	for (let i = 0; i < 100 && !await page.locator('a[href="/people/imported"]').count(); i++) {
		await new Promise(r => setTimeout(r, 300));
		await page.goto(`${base}/me/job/1`);
	}
	await page.goto(`${base}/people/imported`);
	is(await page.locator('main h1').count() === 1 && page.url().endsWith('/people/imported'), page.url(), 'the result is there');
	await context.close();
});

// In the middle of a set-up: the page with the key is walked too.
await journey('an invited person has entered the start code', async () => {
	const context = await browser.newContext({ locale: 'sv-SE' });
	const page = await context.newPage();
	const { code } = JSON.parse(samordna('people', 'recover', cast.employee.code, '--json'));
	await page.goto(`${base}/setup`);
	await send(page, { code, password: 'fyra hästar i en hage', password_again: 'fyra hästar i en hage' });
	is(page.url().endsWith('/setup/otp'), page.url(), 'the key is shown');
	await context.storageState({ path: `${states}/enrolling.json` });
	await context.close();
});

await browser.close();
process.exit(has_failed() ? 1 : 0);
