// Evaluates PromQL expressions on given series with Prometheus' engine, for the tests of alerts and dashboards. promtool
// could do this, but takes three minutes to build because of its cloud SDKs.
//
// Reads a list of queries from standard input and prints the resulting series of each: labels, and the minutes at which
// they have a value.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"time"

	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql"
	"github.com/prometheus/prometheus/promql/parser"
	"github.com/prometheus/prometheus/storage"
	"github.com/prometheus/prometheus/util/annotations"
)

// Series have one sample per minute, in the notation of Prometheus' tests. Expr is evaluated at each minute up to Minutes.
type query struct {
	Expr    string            `json:"expr"`
	Series  map[string]string `json:"series"`
	Minutes int64             `json:"minutes"`
}

type answer struct {
	Labels  map[string]string `json:"labels"`
	Minutes []int64           `json:"minutes"`
}

const minuteMs = 60_000

var notation = parser.NewParser(parser.Options{})

var engine = promql.NewEngine(promql.EngineOpts{
	MaxSamples:    1_000_000,
	Timeout:       10 * time.Second,
	LookbackDelta: 5 * time.Minute,
	Parser:        notation,
})

func main() {
	var queries []query
	if err := json.NewDecoder(os.Stdin).Decode(&queries); err != nil {
		fail(err)
	}
	answers := make([][]answer, len(queries))
	for i, query := range queries {
		found, err := evaluate(query)
		if err != nil {
			fail(fmt.Errorf("%s: %w", query.Expr, err))
		}
		answers[i] = found
	}
	if err := json.NewEncoder(os.Stdout).Encode(answers); err != nil {
		fail(err)
	}
}

func evaluate(query query) ([]answer, error) {
	var scraped []promql.Series
	for name, values := range query.Series {
		series, err := seriesOf(name, values)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		scraped = append(scraped, series)
	}
	end := time.UnixMilli(query.Minutes * minuteMs)
	rangeQuery, err := engine.NewRangeQuery(context.Background(), queryable(scraped), nil, query.Expr, time.UnixMilli(0), end, time.Minute)
	if err != nil {
		return nil, err
	}
	defer rangeQuery.Close()
	result := rangeQuery.Exec(context.Background())
	matrix, err := result.Matrix()
	if err != nil {
		return nil, err
	}
	answers := []answer{}
	for _, series := range matrix {
		found := answer{Labels: series.Metric.Map()}
		for _, point := range series.Floats {
			found.Minutes = append(found.Minutes, point.T/minuteMs)
		}
		answers = append(answers, found)
	}
	return answers, nil
}

func seriesOf(name, values string) (promql.Series, error) {
	metric, sequence, err := notation.ParseSeriesDesc(name + " " + values)
	series := promql.Series{Metric: metric}
	for i, value := range sequence {
		if !value.Omitted {
			series.Floats = append(series.Floats, promql.FPoint{T: int64(i) * minuteMs, F: value.Value})
		}
	}
	return series, err
}

// An in-memory series store.
func queryable(scraped []promql.Series) storage.Queryable {
	selected := func(_ bool, _ *storage.SelectHints, matchers ...*labels.Matcher) storage.SeriesSet {
		set := &seriesSet{at: -1}
		for _, series := range scraped {
			if matches(series.Metric, matchers) {
				set.series = append(set.series, series)
			}
		}
		return set
	}
	return &storage.MockQueryable{MockQuerier: &storage.MockQuerier{SelectMockFunction: selected}}
}

func matches(metric labels.Labels, matchers []*labels.Matcher) bool {
	for _, matcher := range matchers {
		if !matcher.Matches(metric.Get(matcher.Name)) {
			return false
		}
	}
	return true
}

type seriesSet struct {
	series []promql.Series
	at     int
}

func (set *seriesSet) Next() bool                        { set.at++; return set.at < len(set.series) }
func (set *seriesSet) At() storage.Series                { return promql.NewStorageSeries(set.series[set.at]) }
func (set *seriesSet) Err() error                        { return nil }
func (set *seriesSet) Warnings() annotations.Annotations { return nil }

func fail(err error) {
	fmt.Fprintln(os.Stderr, err)
	os.Exit(1)
}
