// Journeys: what people do here from the beginning to the end, in the ways they do it: mouse, keyboard alone, without script, on a phone.
// Leaves the session of each role in STATES/ROLE.json, for pages.mjs.
import { base, check, has_failed, launch, log_in, send, start } from './browser.mjs';

const states = process.env.STATES;
const phone = { viewport: { width: 320, height: 640 }, hasTouch: true, isMobile: true };
const browser = await launch();

async function journey(name, run) {
	try {
		await run();
		check(name, true);
	} catch (error) {
		check(name, false, String(error.stack ?? error).split('\n').slice(0, 4).join('\n'));
	}
}
const is = (what, got, why) => { if (!what) throw new Error(`${why}: ${got}`); };

const coordinator = { name: 'Karin Nyberg', email: 'karin.nyberg@exempelkommunen.example', password: 'fyra hästar i en hage' };
await journey('J14 first run: a start code makes the first coordinator, without script', async () => {
	const context = await browser.newContext({ locale: 'sv-SE', javaScriptEnabled: false });
	const page = await context.newPage();
	coordinator.key = await start(page, { code: process.env.CODE, name: coordinator.name, email: coordinator.email,
		password: coordinator.password, password_again: coordinator.password }, 'mouse');
	const saved = await page.innerText('main');
	is(/[0-9A-Z]{4}-[0-9A-Z]{4}/.test(saved), saved, 'saved codes are shown');
	await page.goto(`${base}/`);
	is((await page.locator('h2, h3').count()) > 4, await page.innerText('main'), 'the start page has its questions');
	await context.storageState({ path: `${states}/coordinator.json` });
	await context.close();
});

for (const [mode, options, by] of [['mouse', {}, 'mouse'], ['keyboard', {}, 'keyboard'], ['no script', { javaScriptEnabled: false }, 'mouse'], ['phone', phone, 'mouse']])
	await journey(`log in and out: ${mode}`, async () => {
		const context = await browser.newContext({ locale: 'en-GB', ...options });
		const page = await context.newPage();
		await page.goto(`${base}/people`);
		is(page.url().includes('/login'), page.url(), 'who is not logged in is asked to');
		await send(page, { user: coordinator.email, password: 'wrong password entirely' }, by);
		is((await page.title()).startsWith('Error'), await page.title(), 'a wrong password says so in the title');
		is(await page.locator('[role=alert] a, .errors a').count() > 0, await page.innerText('main'), 'the summary links to the field');
		is(await page.inputValue('[name=user]') === coordinator.email, await page.inputValue('[name=user]'), 'what was typed is kept');
		await log_in(page, coordinator.email, coordinator.password, coordinator.key, by);
		is(!page.url().includes('/login'), page.url(), 'logged in');
		await page.locator('form[action*="logout"] button').click();
		await page.goto(`${base}/people`);
		is(page.url().includes('/login'), page.url(), 'logged out');
		await context.close();
	});

await browser.close();
process.exit(has_failed() ? 1 : 0);
