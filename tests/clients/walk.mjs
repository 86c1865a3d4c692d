// What each JavaScript client does with `codemode serve`, whatever its library. The arguments of a script are the file to
// which upstream.py writes what happens to it, and the URL of the server or the command that starts it.

import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

const [log, ...target] = process.argv.slice(2);
export const url = target[0].startsWith('http') ? new URL(target[0]) : undefined;
export const [command, ...args] = target;

/** How long to wait for what must come, in steps of 50 ms. */
const PATIENCE = 200;

async function eventually(what, look) {
    for (let step = 0; step < PATIENCE; step++) {
        const found = await look();
        if (found) return found;
        await sleep(50);
    }
    assert.fail(`never ${what}`);
}

const logged = (line) => existsSync(log) && readFileSync(log, 'utf8').split('\n').filter((other) => other === line).length;

/** What the user of each client can be asked, and answers. */
export const capabilities = { elicitation: { form: {} } };
export const answer = ({ params }) => {
    assert.equal(params.message, 'tests: What is your name?');
    return { action: 'accept', content: { name: 'Ada' } };
};

/**
 * @param client with `server()`, `instructions()`, `tools()` and `call(name, args, {signal, onprogress})`, as the library has them
 */
export async function walk(client) {
    assert.equal(client.server().name, 'codemode');
    assert.match(client.instructions(), /TypeScript/);

    const tools = await client.tools();
    const names = tools.map((tool) => tool.name);
    assert.ok(names.includes('search') && names.includes('execute'), `${names}`);
    for (const tool of tools) {
        assert.ok(tool.title && tool.description && tool.inputSchema.properties, tool.name);
    }
    assert.deepEqual((await client.tools()).map((tool) => tool.name), names);

    // A server that has just started may still be connecting.
    const found = await eventually('found tests.add', async () => {
        const answer = await client.call('search', { query: 'add two numbers' });
        return answer.structuredContent.results.find((result) => result.path === 'tests.add');
    });
    assert.match(found.signature, /a: number/);

    const executed = await client.call('execute', { code: 'return await tests.add({ a: 20, b: 22 })' });
    assert.ok(!executed.isError);
    assert.equal(executed.structuredContent.status, 'completed');
    assert.equal(executed.structuredContent.result, 42);
    assert.match(executed.content[0].text, /42/);

    const failed = await client.call('execute', { code: 'const a = 1;\n\nthrow new Error("no luck " + a)' });
    assert.equal(failed.isError, true);
    assert.match(failed.content[0].text, /no luck 1/);
    assert.equal(failed.structuredContent.error.line, 3);

    const refused = await client.call('execute', { code: 'await tests.fail({})' });
    assert.equal(refused.isError, true);
    assert.match(refused.content[0].text, /the disk is full/);

    const misused = await client.call('execute', {});
    assert.equal(misused.isError, true);
    assert.match(misused.content[0].text, /code/);

    const progress = [];
    const counted = await client.call(
        'execute',
        { code: 'return await tests.count({})' },
        { onprogress: (update) => progress.push(update) },
    );
    assert.equal(counted.structuredContent.result, 3);
    assert.ok(progress.some((update) => update.message?.includes('tests.count')), JSON.stringify(progress));
    for (let at = 1; at < progress.length; at++) {
        assert.ok(progress[at].progress > progress[at - 1].progress, JSON.stringify(progress));
    }

    const asked = await client.call('execute', { code: 'return await tests.ask({})' });
    assert.equal(asked.structuredContent.result, 'accept: Ada', JSON.stringify(asked));

    const waited = logged('waiting');
    const cancelled = logged('cancelled');
    const abort = new AbortController();
    const waiting = client.call('execute', { code: 'await tests.wait({})' }, { signal: abort.signal });
    await eventually('waited', () => logged('waiting') > waited);
    abort.abort();
    await assert.rejects(waiting);
    await eventually('cancelled upstream', () => logged('cancelled') > cancelled);
}
