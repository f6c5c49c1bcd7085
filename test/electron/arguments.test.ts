import assert from 'node:assert/strict'
import { test } from 'node:test'
import { applicationArguments } from '../../main/electron/arguments.ts'

test('in a checkout, what stands behind the app’s folder is ours', () => {
  assert.deepEqual(applicationArguments(['electron', '.', '--data', 'x'], false), ['--data', 'x'])
  assert.deepEqual(applicationArguments(['electron', '--inspect=0', '--remote-debugging-port=0', '/app', 'status', '--data', 'x'], false), [
    'status',
    '--data',
    'x',
  ])
  assert.deepEqual(applicationArguments(['electron', '.'], false), [])
})

test('in an installed app, everything is ours', () => {
  assert.deepEqual(applicationArguments(['/opt/Vantage/vantage', '--network', 'practice'], true), ['--network', 'practice'])
  assert.deepEqual(applicationArguments(['/opt/Vantage/vantage'], true), [])
})

test('Chromium’s own switches have been obeyed already; look-alikes are ours to refuse', () => {
  assert.deepEqual(applicationArguments(['vantage', '--no-sandbox', '--ozone-platform=wayland', '--json', '--langs=x'], true), [
    '--json',
    '--langs=x',
  ])
})
