# SPDX-License-Identifier: Apache-2.0
"""A timeline as one page of HTML that needs nothing else: who showed what, and when."""

from collections.abc import Iterable
from collections.abc import Sequence
from html import escape

from emorec_vision.drawing.colors import emotion_color
from emorec_vision.reader.timeline import NOTHING
from emorec_vision.reader.timeline import PersonLine
from emorec_vision.reader.timeline import Timeline

WIDTH, EPISODE_HEIGHT, AREA_HEIGHT = 960, 26, 84
"""Of a figure, in units of the SVG."""
GAP = 8
NOTHING_COLOR = '#5a6472'
MOST_PEOPLE = 24
"""Figures of people; who was there for a shorter time is only counted."""
MOST_BINS = 480
TICKS = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200)
"""Seconds between two marks of the axis."""
MOST_TICKS = 12
STYLE = """
body { font: 15px/1.45 system-ui, sans-serif; color: #1c2430; background: #fff;
       max-width: 1000px; margin: 2em auto; padding: 0 1em }
h1 { font-size: 1.5em; margin: 0 } h2 { font-size: 1.1em; margin: 1.8em 0 .3em }
p, .note { color: #56606e; margin: .3em 0 } svg { width: 100%; height: auto; display: block }
table { border-collapse: collapse; margin-top: .4em } td, th { padding: .15em .9em .15em 0;
       text-align: right; font-variant-numeric: tabular-nums } td:first-child,
th:first-child { text-align: left } th { font-weight: 600; color: #56606e }
.key { display: inline-block; width: .8em; height: .8em; border-radius: 2px; margin-right: .35em;
       vertical-align: -.05em } .legend span { margin-right: 1.1em; white-space: nowrap }
@media (prefers-color-scheme: dark) { body { color: #e8ecf2; background: #14181e }
       p, .note, th { color: #9aa6b4 } }
"""


def report_page(timeline: Timeline, emotions: Sequence[str], title: str,
                facts: Iterable[str]) -> str:
    """Return the page, without an image of anybody.

    Args:
        timeline: of the stream.
        emotions: that the model tells, in its order.
        title: what was looked at, such as a file's name.
        facts: what else a reader must know, one line each: the model, the date.
    """
    lines = timeline.lines()
    shown = [line for line in lines if line.present > 0][:MOST_PEOPLE]
    left = len(lines) - len(shown)
    body = ''.join(_person(line, timeline, emotions) for line in shown)
    more = f'<p>{left} more were there for a moment only.</p>' if left else ''
    nobody = '' if lines else '<p>Nobody was seen.</p>'
    legend = ''.join(f'<span><i class="key" style="background:{_css(emotion)}"></i>'
                     f'{escape(emotion)}</span>' for emotion in emotions)
    told = ''.join(f'<p>{escape(fact)}</p>' for fact in facts)
    return (f'<!doctype html><html lang="en"><meta charset="utf-8">'
            f'<meta name="viewport" content="width=device-width, initial-scale=1">'
            f'<title>{escape(title)}</title><style>{STYLE}</style>'
            f'<h1>{escape(title)}</h1>{told}<p class="legend">{legend}</p>'
            f'<p class="note">The bar shows confirmed emotions; below it, the mean probabilities '
            f'of all emotions. Dark: there, and nothing confirmed; empty: not there.</p>'
            f'{body}{nobody}{more}</html>\n')


def _person(line: PersonLine, timeline: Timeline, emotions: Sequence[str]) -> str:
    name = line.name if line.known else f'unknown ({line.name})'
    total, count = line.distances
    distance = f', {total / count:.1f} m away in the mean' if count else ''
    changes = f'{line.changes} change{"" if line.changes == 1 else "s"} of emotion'
    return (f'<h2>{escape(name)}</h2><p>there for {duration(line.present)}, {changes}{distance}'
            f'</p>{_figure(line, timeline, emotions)}{_table(line)}')


def _figure(line: PersonLine, timeline: Timeline, emotions: Sequence[str]) -> str:
    start = timeline.start or 0.0
    span = max(timeline.end - start, 1e-6)
    height = EPISODE_HEIGHT + GAP + AREA_HEIGHT
    parts = [f'<svg viewBox="0 0 {WIDTH} {height + 18}" role="img" '
             f'aria-label="emotions of {escape(line.name)} over time">',
             f'<rect width="{WIDTH}" height="{EPISODE_HEIGHT}" fill="#8882" rx="3"/>']
    for episode in line.episodes:
        x = WIDTH * (episode.start - start) / span
        width = max(WIDTH * episode.length / span, 1.0)
        parts.append(f'<rect x="{x:.1f}" width="{width:.1f}" height="{EPISODE_HEIGHT}" '
                     f'fill="{_css(episode.emotion)}"><title>{_told(episode.emotion)}, '
                     f'{clock(episode.start - start)} to {clock(episode.end - start)}</title>'
                     '</rect>')
    parts += _area(line, timeline, emotions, span)
    step = next((each for each in TICKS if span / each <= MOST_TICKS), TICKS[-1])
    for number in range(int(span // step) + 1):
        x = WIDTH * number * step / span
        anchor = 'start' if x < 20 else 'end' if x > WIDTH - 20 else 'middle'
        parts.append(f'<text x="{x:.1f}" y="{height + 14}" font-size="11" fill="#788" '
                     f'text-anchor="{anchor}">{clock(number * step)}</text>')
    return ''.join([*parts, '</svg>'])


def _area(line: PersonLine, timeline: Timeline, emotions: Sequence[str],
          span: float) -> list[str]:
    """Return a column of stacked mean probabilities for each bin, or for each few of them."""
    top = EPISODE_HEIGHT + GAP
    bins = span / timeline.bin_seconds
    together = max(1, round(bins / MOST_BINS))
    wide = WIDTH * together / max(bins, 1.0)
    columns: dict[int, tuple[dict[str, float], int]] = {}
    for number, (sums, count) in line.means.items():
        before, rows = columns.get(number // together, (dict.fromkeys(emotions, 0.0), 0))
        columns[number // together] = ({each: before[each] + sums[each] for each in emotions},
                                       rows + count)
    parts = []
    for number, (sums, count) in sorted(columns.items()):
        y = float(top + AREA_HEIGHT)
        for emotion in emotions:
            height = AREA_HEIGHT * sums[emotion] / count
            y -= height
            if height >= 0.3:
                parts.append(f'<rect x="{number * wide:.1f}" y="{y:.1f}" width="{wide + 0.3:.1f}" '
                             f'height="{height:.1f}" fill="{_css(emotion)}" opacity=".8"/>')
    return parts


def _table(line: PersonLine) -> str:
    """Return the share of time of each confirmed emotion, the largest first."""
    rows = []
    for emotion, share in sorted(line.shares.items(), key=lambda item: -item[1]):
        spans = [episode.length for episode in line.episodes if episode.emotion == emotion]
        rows.append(f'<tr><td><i class="key" style="background:{_css(emotion)}"></i>'
                    f'{_told(emotion)}</td>'
                    f'<td>{share:.0%}</td><td>{duration(sum(spans))}</td>'
                    f'<td>{len(spans)}</td><td>{duration(max(spans))}</td></tr>')
    return ('<table><tr><th>emotion</th><th>share of time</th><th>time</th><th>episodes</th>'
            f'<th>longest</th></tr>{"".join(rows)}</table>')


def duration(seconds: float) -> str:
    """Return a length of time in words, such as '1 h 05 min', '2 min 30 s' or '4.2 s'."""
    if seconds < 60:
        return f'{seconds:.1f} s'
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return f'{minutes} min {rest:02d} s'
    return f'{minutes // 60} h {minutes % 60:02d} min'


def clock(seconds: float) -> str:
    """Return a moment as m:ss or h:mm:ss."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f'{hours}:{minutes:02d}:{rest:02d}' if hours else f'{minutes}:{rest:02d}'


def _told(emotion: str) -> str:
    return escape(emotion) or 'nothing confirmed'


def _css(emotion: str) -> str:
    if emotion == NOTHING:
        return NOTHING_COLOR
    return '#{:02x}{:02x}{:02x}'.format(*emotion_color(emotion))
