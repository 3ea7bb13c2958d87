import { escaped, list, page } from './html.mjs';

const TOPICS_A_PAGE = 25;

const rooms = ['A room', 'Two rooms', 'Three rooms', 'An attic', 'A whole house'];
const places = [
  'by the harbour',
  'behind the church',
  'on Mill Lane',
  'above the bakery',
  'at the old station',
];
const features = [
  'Quiet, with a tiled stove.',
  'The kitchen is shared, the cat is not.',
  'It has a balcony to the south.',
  'Stairs are steep, the view makes up for them.',
  'There is a cellar for potatoes and bicycles.',
  'Mornings smell of bread.',
  'The neighbours sing, but well.',
  'From May on there are swifts under the roof.',
  'The bath stands in the kitchen.',
  'Pianos are welcome, drums are not.',
  'The landlady lives in the next village.',
];

/** What a group of people who look for flats talks about: 120 topics. */
export const topics = Array.from({ length: 120 }, (_, index) => ({
  id: 5000 + index,
  title: `${rooms[index % rooms.length]} ${places[Math.floor(index / rooms.length) % places.length]}, no. ${index + 1}`,
  text: `${features[index % features.length]} ${features[(index * 3 + 1) % features.length]}`,
}));

/** Their discussion, page by page, and each topic. By path and query. */
export function groupPages() {
  const pages = new Map();
  for (let start = 0; start < topics.length; start += TOPICS_A_PAGE) {
    const links = topics
      .slice(start, start + TOPICS_A_PAGE)
      .map(
        ({ id, title }) => `<a href="/group/topic/${id}/" title="${escaped(title)}">${escaped(title)}</a>`,
      );
    pages.set(`/group/flats/discussion?start=${start}`, page('Flats: discussion', list(links)));
  }
  // The column beside each topic speaks of balconies, too: whoever searches has to look at the topic alone.
  const aside = '<div class="aside">See also: the group of people with a balcony.</div>\n';
  for (const { id, title, text } of topics) {
    pages.set(
      `/group/topic/${id}/`,
      page(title, `<div class="topic-content"><p>${text}</p></div>`, { aside }),
    );
  }
  return pages;
}
