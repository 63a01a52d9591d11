/* Computes the rate of every kind of schedule, from its JSON, in float64.
 *
 * t is the number of optimizer updates already made. The first update sees t = 0, and uses lr(0).
 *
 * The formulas are those of the table "Kinds and fields" in PROTOCOL.md. An unknown kind, or a field that is missing,
 * gives NAN. Compile with -ffp-contract=off: compilers may fuse a product and a sum, and so round once, not twice.
 */
#include <math.h>
#include <stdint.h>

#include "json.h"

static const double PI = 3.141592653589793;

static double square(double x) { return x * x; }

static double field(const json *s, const char *name) {
    const json *value = json_get(s, name);
    return value && value->type == JSON_NUMBER ? value->number : NAN;
}

/* A count is at most 2^53: so no sum of counts, in schedules in schedules, overflows. */
static int64_t whole(double value) { return fabs(value) <= 0x1p53 ? (int64_t)value : 0; }

static int64_t count(const json *s, const char *name) { return whole(field(s, name)); }

/* A length, by which is divided. */
static int64_t length_of(const json *s, const char *name) { return count(s, name) > 0 ? count(s, name) : 1; }

/* The smaller and the larger one of two rates; NAN if one of them is. */
static double lesser(double a, double b) { return a < b || isnan(a) ? a : b; }

static double greater(double a, double b) { return a > b || isnan(a) ? a : b; }

static int is(const json *s, const char *name, const char *text) { return !strcmp(json_string(s, name), text); }

/* Returns how many numbers of an increasing list are at most t; *last is the largest of these, or 0. */
static int64_t passed(const json *list, int64_t t, int64_t *last) {
    int64_t n = 0;
    *last = 0;
    for (const json *at = list ? list->first : NULL; at && at->number <= (double)t; at = at->next, n++) {
        *last = whole(at->number);
    }
    return n;
}

static const json *element(const json *list, int64_t index) {
    const json *at = list ? list->first : NULL;
    while (at && index-- > 0) at = at->next;
    return at;
}

/* The part of a warm-up before its end, t < updates. */
static double rise(double begin, double peak, double updates, const char *mode, double power, int64_t t) {
    double y = (double)t / updates;
    if (!strcmp(mode, "linear")) return begin + (peak - begin) * (double)t / updates;
    if (!strcmp(mode, "polynomial")) return begin + (peak - begin) * pow(y, power);
    if (!strcmp(mode, "cosine")) return begin + (peak - begin) * square(sin(PI / 2 * y));
    if (!strcmp(mode, "exponential")) return begin * pow(peak / begin, y);
    return !strcmp(mode, "constant") ? begin : NAN;
}

/* From one rate to another along a line or half a cosine period, then held. */
static double curve(double first, double last, int64_t updates, const char *mode, int64_t t) {
    if (t >= updates) return last;
    if (first < last) return rise(first, last, (double)updates, mode, 1, t);
    double y = (double)t / (double)updates;
    double share = strcmp(mode, "cosine") ? 1 - y : (1 + cos(PI * (double)t / (double)updates)) / 2;
    return last + (first - last) * share;
}

/* Bends what has passed of a curve, y, and what is left of it: *bent is y^power, *rest is 1 - y^power. Each is computed
 * from the smaller one of the two, so that it has all its digits. */
static void bend(double y, double left, double power, double *bent, double *rest) {
    double logs = power * (y <= .5 ? log(y) : log1p(-left));
    *bent = power == 1 ? y : exp(logs);
    *rest = power == 1 ? left : -expm1(logs);
}

static double anneal(const char *shape, double first, double last, double power, double elapsed_power, double updates,
                     double elapsed, int64_t t) {
    double done = (double)t + elapsed, y, left, share, lost;
    if (done >= updates) return last;
    if (!(done / updates > 0)) return first;
    bend(done / updates, (updates - done) / updates, elapsed_power, &y, &left);
    if (!strcmp(shape, "exponential")) {
        return y < .5 ? first * pow(last / first, y) : last * pow(first / last, left);
    }
    if (!strcmp(shape, "cosine")) y = square(sin(PI / 2 * y)), left = square(sin(PI / 2 * left));
    bend(left, y, power, &share, &lost);
    return first < last ? first + (last - first) * lost : last + (first - last) * share;
}

static double rate(const json *s, int64_t t);

static double inner(const json *s, int64_t t) { return rate(json_get(s, "of"), t); }

static double add(double a, double b) { return a + b; }

static double multiply(double a, double b) { return a * b; }

/* Combines the rates of the schedules in `of`, from left to right. */
static double combine(const json *s, int64_t t, double (*operation)(double, double)) {
    const json *at = element(json_get(s, "of"), 0);
    double result = rate(at, t);
    while (at && (at = at->next)) result = operation(result, rate(at, t));
    return result;
}

static double cosine_restarts(const json *s, int64_t t) {
    double base = field(s, "base_lr"), final = field(s, "final_lr"), warmup = field(s, "warmup");
    double growth = field(s, "growth"), length = field(s, "updates"), into = (double)t, cycles = 0;
    if (growth == 1) cycles = (double)(t / length_of(s, "updates")), into = (double)(t % length_of(s, "updates"));
    else for (; into >= length && growth >= 2 && length >= 1; cycles++) into -= length, length *= growth;
    double share = into < warmup ? into / warmup : (1 + cos(PI * (into - warmup) / (length - warmup))) / 2;
    double sunk = pow(field(s, "decay"), cycles);
    return is(s, "sinks", "peak") ? final * (1 - share) + base * sunk * share : final + (base - final) * sunk * share;
}

/* The time, 0, or the rate, 1, of a point. */
static double point(const json *pair, int64_t index) {
    const json *value = element(pair, index);
    return value ? value->number : NAN;
}

static double interpolated(const json *s, int64_t t) {
    const json *from = element(json_get(s, "points"), 0);
    while (from && from->next && point(from->next, 0) <= (double)t) from = from->next;
    if (!from || !from->next || (double)t < point(from, 0)) return point(from, 1);
    int64_t begin = whole(point(from, 0));
    return curve(point(from, 1), point(from->next, 1), whole(point(from->next, 0)) - begin, json_string(s, "mode"),
                 t - begin);
}

static double wsd(const json *s, int64_t t) {
    double base = field(s, "base_lr"), final = field(s, "final_lr");
    int64_t warmup = count(s, "warmup"), start = warmup + count(s, "stable"), n = t + count(s, "warmup_from");
    const char *tail = json_string(s, "tail");
    if (t < start) {
        return n >= warmup ? base
            : rise(field(s, "begin_lr"), base, (double)warmup, json_string(s, "warmup_mode"), 1, n);
    }
    n = t - start + count(s, "decay_from");
    if (!strcmp(tail, "linear") || !strcmp(tail, "cosine")) return curve(base, final, count(s, "decay"), tail, n);
    int exponential = !strcmp(tail, "exponential");
    return anneal(exponential ? "exponential" : "linear", base, final, 1,
                  exponential ? 1 : strcmp(tail, "square") ? .5 : 2, field(s, "decay"), 0, n);
}

/* Phases that may end between two updates: each begins at the first update after the end of the one before. */
static double one_cycle(const json *s, int64_t t) {
    const char *mode = json_string(s, "mode");
    double base = field(s, "base_lr"), peak = field(s, "peak_lr"), up = field(s, "rise"), end = field(s, "updates");
    int three = field(s, "phases") == 3;
    double ends[] = {0, up, three ? 2 * up : end, end}, rates[] = {base, peak, three ? base : field(s, "final_lr"),
                                                                   field(s, "final_lr")};
    int i = 0;
    while (i < 1 + three && (double)t >= ceil(ends[i + 1])) i++;
    int64_t start = whole(ceil(ends[i]));
    return up == floor(up) ? curve(rates[i], rates[i + 1], whole(ends[i + 1] - ends[i]), mode, t - start)
        : anneal(mode, rates[i], rates[i + 1], 1, 1, ends[i + 1] - ends[i], (double)start - ends[i], t - start);
}

static double cyclic(const json *s, int64_t t) {
    double low = field(s, "low"), high = field(s, "high"), gamma = field(s, "gamma");
    int64_t up = length_of(s, "up"), down = json_get(s, "down") ? length_of(s, "down") : up, n = t % (up + down);
    int sinks = is(s, "mode", "exp_range") && gamma != 1;
    double from = sinks ? 0 : low, to = sinks ? high - low : high;
    double height = n < up ? rise(from, to, (double)up, "linear", 1, n) : curve(to, from, down, "linear", n - up);
    double half = pow(.5, (double)(t / (up + down)));
    if (sinks) return low + height * pow(gamma, (double)t);
    return is(s, "mode", "triangular2") ? height * half + low * (1 - half) : height;
}

static double warm_up(const json *s, int64_t t) {
    const json *then = json_get(s, "then");
    int64_t updates = count(s, "updates");
    if (t >= updates) return rate(then, is(s, "clock", "restart") ? t - updates : t);
    return rise(field(s, "begin_lr"), json_get(s, "peak_lr") ? field(s, "peak_lr") : rate(then, 0), (double)updates,
                json_string(s, "mode"), field(s, "power"), t);
}

static double rate(const json *s, int64_t t) {
    const char *kind = json_string(s, "kind");
    double n = (double)t, base = field(s, "base_lr"), final = field(s, "final_lr"), power = field(s, "power");
    double factor = field(s, "factor"), timescale = field(s, "timescale"), updates = field(s, "updates"), least, share;
    int64_t last, length = length_of(s, "updates");
#define KIND(name) if (!strcmp(kind, #name))
    KIND(constant) return base;
    KIND(factor) return greater(field(s, "min_lr"), base * pow(factor, (double)(t / length_of(s, "every"))));
    KIND(multi_factor) return base * pow(factor, (double)passed(json_get(s, "milestones"), t, &last));
    KIND(inverse_square_root) return base * sqrt(timescale / (n + timescale));
    KIND(inverse_time) return base * (timescale / (n + timescale));
    KIND(power_law) return base * exp(-power * log1p(n / timescale));
    KIND(polynomial) return final + (base - final) * pow(1 - fmin(n, updates) / updates, power);
    KIND(polynomial_cycle) {
        double left = t ? (double)((length - t % length) % length) : updates;
        return final + (base - final) * pow(left / (n + left), power);
    }
    KIND(cosine) return final + (base - final) * (1 + cos(PI * fmin(n, updates) / updates)) / 2;
    KIND(cosine_restarts) return cosine_restarts(s, t);
    KIND(exponential) {
        share = base == 0 ? 0 : base * pow(factor, n / updates);
        return json_get(s, "max_lr") ? lesser(field(s, "max_lr"), share) : share;
    }
    KIND(annealing) return anneal(json_string(s, "shape"), base, final, power, field(s, "elapsed_power"), updates,
                                  field(s, "elapsed"), t);
    KIND(warmup) return warm_up(s, t);
    KIND(sequence) {
        const json *part = element(json_get(s, "parts"), passed(json_get(s, "boundaries"), t, &last));
        return rate(part, t - last);
    }
    KIND(shift) return inner(s, t + count(s, "by"));
    KIND(hold) return inner(s, t / length);
    KIND(repeat) {
        share = pow(field(s, "decay"), (double)(t / length)), least = field(s, "min_lr");
        return inner(s, t % length) * share + least * (1 - share);
    }
    KIND(scale) return field(s, "by") * inner(s, t);
    KIND(clamp) return lesser(greater(inner(s, t), field(s, "min_lr")), field(s, "max_lr"));
    KIND(sum) return combine(s, t, add);
    KIND(product) return combine(s, t, multiply);
    KIND(minimum) return combine(s, t, lesser);
    KIND(maximum) return combine(s, t, greater);
    KIND(linear) return curve(base, final, length, "linear", t);
    KIND(piecewise) {
        const json *value = element(json_get(s, "values"), passed(json_get(s, "boundaries"), t, &last));
        return value ? value->number : NAN;
    }
    KIND(interpolated) return interpolated(s, t);
    KIND(delay) return inner(s, t < count(s, "by") ? 0 : t - count(s, "by"));
    KIND(override) return t < count(s, "at") ? inner(s, t)
        : rate(json_get(s, "then"), is(s, "clock", "restart") ? t - count(s, "at") : t);
    KIND(noam) {
        double warmup = field(s, "warmup"), peak = factor / sqrt(field(s, "d_model") * warmup);
        n += field(s, "first");
        return n < warmup ? peak * n / warmup : peak * sqrt(warmup / (n - warmup + warmup));
    }
    KIND(wsd) return wsd(s, t);
    KIND(one_cycle) return one_cycle(s, t);
    KIND(cyclic) return cyclic(s, t);
#undef KIND
    return NAN;
}
