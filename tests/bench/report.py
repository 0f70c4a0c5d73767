#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""samples.json and facts.json of tests/bench/run as a table (text and JSON) and a plot (SVG)."""
import collections
import json
import statistics
import sys
from xml.sax.saxutils import escape


def read_lines(path):
    with open(path, encoding='utf-8') as lines:
        return [json.loads(line) for line in lines if line.strip()]


def summarise(samples):
    by_case = collections.OrderedDict()
    for s in samples:
        by_case.setdefault(s['case'], collections.OrderedDict()).setdefault(s['name'], []).append(s)
    table = []
    for case, names in by_case.items():
        floor = names.get('floor')
        for name, rows in names.items():
            us = [r['us'] for r in rows]
            row = {'case': case, 'name': name, 'rounds': len(us), 'min_us': min(us),
                   'median_us': statistics.median(us),
                   'median_cpu_us': statistics.median(r['cpu_us'] for r in rows),
                   'rss_kib': max(r['rss_kib'] for r in rows)}
            if floor:
                base = [r['us'] for r in floor]
                row['min_ratio'] = round(min(us) / min(base), 2)
                row['median_ratio'] = round(statistics.median(us) / statistics.median(base), 2)
            table.append(row)
    return table


def text_table(table, facts, machine):
    lines = [machine, '',
             '| case | runtime | min ms | median ms | CPU ms | × floor (min) | × floor (median) | peak RSS KiB |',
             '|---|---|---|---|---|---|---|---|']
    for r in table:
        lines.append('| %s | %s | %.2f | %.2f | %.2f | %s | %s | %d |' % (
            r['case'], r['name'], r['min_us'] / 1e3, r['median_us'] / 1e3, r['median_cpu_us'] / 1e3,
            r.get('min_ratio', ''), r.get('median_ratio', ''), r['rss_kib']))
    lines += ['', '| program | version | stripped KiB | libraries | system calls of `run` | instructions of `state` '
              '| peak of the cgroup, created, KiB | smallest limit that starts, KiB |',
              '|---|---|---|---|---|---|---|---|']
    for f in facts:
        more = [f.get(k) for k in ('calls', 'instructions', 'peak_kib', 'smallest_kib')]
        lines.append('| %s | %s | %.0f | %s | %s |' % (
            f['name'], f.get('version', ''), f['bytes'] / 1024, f.get('libraries', 0),
            ' | '.join('' if m is None else str(m) for m in more)))
    return '\n'.join(lines) + '\n'


COLOURS = ['#777777', '#2b6cb0', '#38a169', '#dd6b20', '#805ad5', '#c53030']


def plot(table, machine):
    """Bars of the minima, a group for each case, with a mark at the median."""
    cases = list(collections.OrderedDict.fromkeys(r['case'] for r in table))
    names = list(collections.OrderedDict.fromkeys(r['name'] for r in table))
    top = max(r['median_us'] for r in table)
    bar, left, width = 14, 170, 560
    y, out = 40, []
    for case in cases:
        out.append(f'<text x="8" y="{y + 11}" font-weight="bold">{escape(case)}</text>')
        for r in (r for r in table if r['case'] == case):
            colour = COLOURS[names.index(r['name']) % len(COLOURS)]
            low, middle = (width * r[k] / top for k in ('min_us', 'median_us'))
            out.append(f'<rect x="{left}" y="{y}" width="{low:.1f}" height="{bar - 3}" fill="{colour}"/>')
            out.append(f'<line x1="{left + middle:.1f}" x2="{left + middle:.1f}" y1="{y}" y2="{y + bar - 3}" '
                       f'stroke="{colour}" stroke-width="2"/>')
            label = f'{r["name"]} {r["min_us"] / 1e3:.2f} ms'
            if 'min_ratio' in r:
                label += f', {r["min_ratio"]:.2f} × floor'
            out.append(f'<text x="{left + middle + 6:.1f}" y="{y + 10}">{escape(label)}</text>')
            y += bar
        y += 12
    return (f'<svg xmlns="http://www.w3.org/2000/svg" width="1000" height="{y + 10}" '
            f'font-family="sans-serif" font-size="11"><rect width="100%" height="100%" fill="white"/>'
            f'<text x="8" y="20">{escape(machine)}: minimum (bar) and median (line)</text>'
            + ''.join(out) + '</svg>\n')


def main(directory):
    table = summarise(read_lines(f'{directory}/samples.json'))
    facts = read_lines(f'{directory}/facts.json')
    with open(f'{directory}/machine', encoding='utf-8') as f:
        machine = f.read().strip()
    with open(f'{directory}/table.json', 'w', encoding='utf-8') as f:
        json.dump({'machine': machine, 'times': table, 'programs': facts}, f, indent=1)
    with open(f'{directory}/table.txt', 'w', encoding='utf-8') as f:
        f.write(text_table(table, facts, machine))
    with open(f'{directory}/plot.svg', 'w', encoding='utf-8') as f:
        f.write(plot(table, machine))
    sys.stdout.write(text_table(table, facts, machine))


if __name__ == '__main__':
    main(sys.argv[1])
