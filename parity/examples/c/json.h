/* Reads JSON. Numbers are float64, and escapes in texts stay. Nothing is freed: the program ends after its files. */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum json_type { JSON_NULL, JSON_FALSE, JSON_TRUE, JSON_NUMBER, JSON_TEXT, JSON_LIST, JSON_OBJECT };

/* A value; a list or an object has its members in `first`, and each member the following one in `next`. */
typedef struct json {
    enum json_type type;
    char *key, *text;
    double number;
    struct json *first, *next;
} json;

enum { JSON_DEPTH = 256 };

static json *json_value(const char **at, int depth);

static void json_spaces(const char **at) {
    while (**at && strchr(" \t\r\n", **at)) ++*at;
}

/* Returns a copy of the text up to its closing quote, or NULL. */
static char *json_text(const char **at) {
    const char *from = ++*at;
    while (**at && **at != '"') {
        if ((unsigned char)**at < 0x20 || (**at == '\\' && !*++*at)) return NULL;
        ++*at;
    }
    if (**at != '"') return NULL;
    size_t length = (size_t)(*at - from);
    char *copy = calloc(length + 1, 1);
    if (!copy) abort();
    memcpy(copy, from, length);
    ++*at;
    return copy;
}

/* Reads the members of a list or an object into `whole`. Returns 0 if they are not valid. */
static int json_members(const char **at, json *whole, char end, int depth) {
    json **place = &whole->first;
    ++*at;
    json_spaces(at);
    if (**at == end) return ++*at, 1;
    for (;;) {
        char *key = NULL;
        json_spaces(at);
        if (whole->type == JSON_OBJECT) {
            if (**at != '"' || !(key = json_text(at))) return 0;
            json_spaces(at);
            if (**at != ':') return 0;
            ++*at;
        }
        if (!(*place = json_value(at, depth + 1))) return 0;
        (*place)->key = key;
        place = &(*place)->next;
        json_spaces(at);
        if (**at == end) return ++*at, 1;
        if (**at != ',') return 0;
        ++*at;
    }
}

/* Returns the value that begins at `*at`, which moves behind it, or NULL: `*at` is then near the mistake. */
static json *json_value(const char **at, int depth) {
    static const char *words[] = {"null", "false", "true"};
    json *value = calloc(1, sizeof *value);
    if (!value) abort();
    json_spaces(at);
    if (depth > JSON_DEPTH) return NULL;
    if (**at == '{' || **at == '[') {
        value->type = **at == '{' ? JSON_OBJECT : JSON_LIST;
        return json_members(at, value, **at == '{' ? '}' : ']', depth) ? value : NULL;
    }
    if (**at == '"') {
        value->type = JSON_TEXT;
        return (value->text = json_text(at)) ? value : NULL;
    }
    for (int i = 0; i < 3; i++) {
        if (!strncmp(*at, words[i], strlen(words[i]))) {
            value->type = (enum json_type)i;
            *at += strlen(words[i]);
            return value;
        }
    }
    char *end;
    if (**at != '-' && !isdigit((unsigned char)**at)) return NULL;
    value->type = JSON_NUMBER;
    value->number = strtod(*at, &end);
    *at = end;
    return value;
}

/* Returns a member of an object by its name, or NULL. */
static const json *json_get(const json *object, const char *key) {
    const json *member = object && object->type == JSON_OBJECT ? object->first : NULL;
    while (member && strcmp(member->key, key)) member = member->next;
    return member;
}

/* Returns the text of a member; "" if there is none. */
static const char *json_string(const json *object, const char *key) {
    const json *member = json_get(object, key);
    return member && member->type == JSON_TEXT ? member->text : "";
}
