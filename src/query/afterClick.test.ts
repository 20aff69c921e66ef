import { afterClick } from './afterClick';

it('takes a choice over once the event that made it is over, in the order of the choices', async () => {
  const taken: string[] = [];
  const choose = afterClick((chosen: string) => taken.push(chosen));
  choose('first');
  choose('second');
  await Promise.resolve(); // a click's microtasks are part of it
  expect(taken).toEqual([]);
  await new Promise((over) => setTimeout(over));
  expect(taken).toEqual(['first', 'second']);
});
