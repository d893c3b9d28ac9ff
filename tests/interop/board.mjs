// Bull Board over a queue, looked at and clicked in a real Chromium.

import assert from 'node:assert/strict';
import {once} from 'node:events';
import {join} from 'node:path';
import {createBullBoard} from '@bull-board/api';
import {BullMQAdapter} from '@bull-board/api/bullMQAdapter';
import {ExpressAdapter} from '@bull-board/express';
import express from 'express';
import {chromium} from 'playwright-core';
import {build} from '../support/programs.mjs';
import {until} from '../support/until.mjs';

// Some buttons have no names, but pictures.
const PICTURES = {retry: 'lucide-refresh-cw', promote: 'lucide-corner-up-left'};

// Serves a board and has a browser open before it; both end with `close`.
export class Board {
  static async open() {
    const board = new Board();
    const serverAdapter = new ExpressAdapter();
    board.bull = createBullBoard({queues: [], serverAdapter});
    board.server = express().use(serverAdapter.getRouter()).listen(0, '127.0.0.1');
    await once(board.server, 'listening');
    board.home = `http://127.0.0.1:${board.server.address().port}`;
    board.browser = await chromium.launch({executablePath: '/usr/bin/chromium', args: ['--no-sandbox',
      '--headless', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-sync',
      '--disable-background-networking', '--disable-component-update']});
    board.page = await board.browser.newPage();
    board.page.setDefaultTimeout(10000);
    await board.page.route(url => url.origin !== board.home, route => route.abort()); // fonts
    return board;
  }

  async close() {
    await this.browser.close();
    this.server.closeAllConnections();
    this.server.close();
  }

  // The one queue there is from now on.
  show(queue) {
    this.name = queue.name;
    this.bull.replaceQueues([new BullMQAdapter(queue)]);
  }

  goTo(path) {
    return this.page.goto(`${this.home}/queue/${this.name}${path}`, {waitUntil: 'domcontentloaded'});
  }

  // The queue's page: the latest jobs, or those of a state.
  async visit(state) {
    await this.goTo(state ? `?status=${state}` : '');
    await this.sees(/LATEST/);
  }

  async visitJob(id) {
    await this.goTo(`/${id}`);
    await this.sees(new RegExp(`#${id}\\n`));
  }

  text() {
    return this.page.locator('body').innerText();
  }

  // Until the page says so.
  async sees(pattern) {
    let text;
    await until(async () => pattern.test(text = await this.text())).catch(() => {
      assert.match(text, pattern);
    });
  }

  // Until the tabs have these numbers, and no others: {COMPLETED: 3, 'WAITING CHILDREN': 1}.
  async counts(wanted) {
    const tabs = this.page.locator(`a[href^="/queue/${this.name}?status="]`);
    let found;
    await until(async () => {
      await this.visit();
      found = Object.fromEntries((await tabs.allInnerTexts()).map(tab => tab.split(/\n+/))
        .filter(([, count]) => count).map(([name, count]) => [name, Number(count)]));
      return Object.keys({...found, ...wanted}).every(name => found[name] === wanted[name]);
    }).catch(() => assert.deepEqual(found, wanted));
  }

  // Turn to a tab of the job that is visited.
  turnTo(tab) {
    return this.page.getByRole('tab', {name: tab}).click();
  }

  // A button of the job that is visited.
  async press(action) {
    await this.page.locator(`button:has(svg.${PICTURES[action]})`).click();
    await this.confirm();
  }

  // An item of the menu of the queue that is visited.
  async choose(item) {
    await this.page.locator('button[aria-haspopup=menu]').click();
    await this.page.getByRole('menuitem', {name: item}).click();
    await this.confirm();
  }

  async confirm() {
    const acted = this.page.waitForResponse(response => response.request().method() === 'PUT');
    await this.page.getByRole('button', {name: 'Confirm'}).click();
    assert.ok((await acted).ok(), `the board answered ${(await acted).status()}`);
  }

  queueInfo() {
    return this.page.getByRole('button', {name: 'Queue info'}).click();
  }

  picture(name) {
    return this.page.screenshot({path: join(build, `board-${name}.png`)});
  }
}
