/* Computes every vector in C: gcc -std=c11 -ffp-contract=off -O1 vectors.c -lm -o vectors && ./vectors [--skip FILE] FILE.json ...
 *
 * Each rate must be equal in its 32 bits, or be float32(x) for an x within 8 * 2^-53 of the largest rate up to there. A
 * schedule with a sum, product, minimum or maximum inside has another tolerance in the contract; here it has none.
 * --skip FILE: a line "id reason" for each vector that may fail. One that passes, or that no file has, is an error.
 * Exit code 0: every rate is inside. 4: some are not, or there are none. 2: wrong arguments, a file that cannot be read,
 * a skip without a reason. 1: the output cannot be written.
 */
#include "schedule.h"

enum result { EQUAL, TOLERATED, OUTSIDE, DIFFERS };

static const double EDGE = 8 * 0x1p-53, SMALLEST_NORMAL = 0x1p-126;

static long counts[4], vectors, skipped, mistakes;

static uint32_t bits_of(double rate) {
    float rounded = (float)rate;
    uint32_t bits;
    memcpy(&bits, &rounded, sizeof bits);
    return bits;
}

static enum result compare(double applied, double specified, uint32_t bits, double tolerance) {
    float near = (float)applied;
    if (bits_of(applied) == bits) return EQUAL;
    if (specified > 0 && specified < SMALLEST_NORMAL && near >= 0 && near <= SMALLEST_NORMAL) return OUTSIDE;
    return (float)(specified - tolerance) <= near && near <= (float)(specified + tolerance) ? TOLERATED : DIFFERS;
}

/* Returns whether a text has the eight digits of a float32. */
static int has_digits(const char *bits) { return strlen(bits) == 8 && strspn(bits, "0123456789abcdef") == 8; }

/* Returns whether a schedule is a combination, or has one inside; a cyclic may be composed of a sum. */
static int combines(const json *s) {
    static const char *kinds[] = {"sum", "product", "minimum", "maximum", "cyclic"};
    for (int i = 0; i < 5; i++) {
        if (is(s, "kind", kinds[i])) return 1;
    }
    for (const json *at = s ? s->first : NULL; at; at = at->next) {
        if (combines(at)) return 1;
    }
    return 0;
}

/* Compares rates with those of a vector, at the updates in `t`, or else at 0, 1, ... Prints the first one that differs.
 * Returns the number of those that differ; where lists have other lengths or elements, the rest counts as one. */
static int run(const json *vector, const json *part, double *largest, int quiet) {
    const json *schedule = json_get(vector, "schedule"), *at = element(json_get(part, "t"), 0);
    const json *specified = element(json_get(part, "lr"), 0), *bits = element(json_get(part, "bits"), 0);
    int combined = combines(schedule), differs = 0, far = at != NULL;
    int64_t n = 0;
    for (; specified && bits && bits->text && (at || !far); n++) {
        int64_t t = far ? whole(at->number) : n;
        double applied = rate(schedule, t);
        *largest = fmax(*largest, specified->number);
        uint32_t word = (uint32_t)strtoul(bits->text, NULL, 16);
        enum result result = compare(applied, specified->number, word, combined ? 0 : EDGE * *largest);
        if (!has_digits(bits->text) || word != bits_of(specified->number)) {
            mistakes++, printf("%s: t = %lld: lr and bits do not match\n", json_string(vector, "id"), (long long)t);
        }
        counts[result] += !quiet;
        if (result == DIFFERS && !differs++ && !quiet) {
            printf("%s %s: t = %lld: %.17g (%08lx), specified %.17g (%s)\n", json_string(vector, "id"),
                   json_string(vector, "name"), (long long)t, applied, (unsigned long)bits_of(applied),
                   specified->number, bits->text);
        }
        specified = specified->next, bits = bits->next, at = far ? at->next : NULL;
    }
    if (n && !specified && !bits && !at) return differs;
    mistakes++, printf("%s: lr, bits and t do not match\n", json_string(vector, "id"));
    return differs + 1;
}

static void check(const json *vector, char *skips) {
    char line[64];
    snprintf(line, sizeof line, "\n%.40s ", json_string(vector, "id"));
    char *skip = skips ? strstr(skips, line) : NULL;
    double largest = 0;
    int differs = run(vector, vector, &largest, skip != NULL);
    differs += run(vector, json_get(vector, "far"), &largest, skip != NULL);
    vectors++;
    if (!skip) return;
    skip[1] = '#';  /* a line that stays as it is names no vector */
    skipped++;
    if (!differs) mistakes++, printf("%s is skipped, but passes\n", json_string(vector, "id"));
}

/* Returns the file, after a line end; a file that cannot be read ends the program. */
static char *read_file(const char *name) {
    FILE *file = fopen(name, "rb");
    size_t most = 1 << 24, length;
    char *text = calloc(most + 2, 1);
    if (!file || !text) fprintf(stderr, "%s: cannot be read\n", name), exit(2);
    length = fread(text + 1, 1, most + 1, file);
    if (length > most || ferror(file)) fprintf(stderr, "%s: cannot be read\n", name), exit(2);
    if (memchr(text + 1, 0, length)) fprintf(stderr, "%s: has a byte 0\n", name), exit(2);
    text[0] = '\n';
    fclose(file);
    return text;
}

static void check_file(const char *name, char *skips) {
    const char *text = read_file(name), *at = text;
    const json *document = json_value(&at, 0);
    json_spaces(&at);
    if (!document || *at) fprintf(stderr, "%s: not JSON at byte %ld\n", name, (long)(at - text)), exit(2);
    if (field(document, "format") != 1) fprintf(stderr, "%s: format must be 1\n", name), exit(2);
    const json *list = json_get(document, "vectors");
    for (const json *vector = list ? list->first : NULL; vector; vector = vector->next) check(vector, skips);
}

/* Returns a skip list; a line with an id and without a reason ends the program. */
static char *read_skips(const char *name) {
    char *text = read_file(name), *line = text;
    for (int number = 1; (line = strchr(line, '\n')); number++) {
        const char *id = ++line, *rest = id + strcspn(id, " \t\r\n"), *reason = rest + strspn(rest, " \t\r");
        if (strncmp(id, "lr-", 3) || (*rest == ' ' && *reason && *reason != '\n')) continue;
        fprintf(stderr, "%s: line %d: must be an id, a space and a reason, got %.*s\n", name, number,
                (int)strcspn(id, "\r\n"), id);
        exit(2);
    }
    return text;
}

int main(int argc, char **argv) {
    int first = argc > 1 && !strcmp(argv[1], "--skip") ? 3 : 1;
    for (int i = 1; i < argc; i++) {
        if (strncmp(argv[i], "--", 2) || (i == 1 && first == 3 && argc > 2)) continue;
        fprintf(stderr, "%s: wrong here, use: vectors [--skip FILE] FILE.json ...\n", argv[i]);
        return 2;
    }
    char *skips = first == 3 ? read_skips(argv[2]) : NULL;
    for (int i = first; i < argc; i++) check_file(argv[i], skips);
    for (char *line = skips; line && (line = strchr(line, '\n')); line++) {
        if (strncmp(line, "\nlr-", 4)) continue;
        mistakes++, printf("%.*s is skipped, but no file has it\n", (int)strcspn(line + 1, " "), line + 1);
    }
    long total = counts[0] + counts[1] + counts[2] + counts[3];
    printf("%ld vectors, %ld skipped, %ld rates: %ld equal, %ld within the tolerance, "
           "%ld below the smallest normal float32, %ld differ\n", vectors, skipped, total, counts[EQUAL],
           counts[TOLERATED], counts[OUTSIDE], counts[DIFFERS]);
    if (fflush(stdout) || ferror(stdout)) return fprintf(stderr, "stdout: cannot be written\n"), 1;
    return counts[DIFFERS] || mistakes || !total ? 4 : 0;
}
