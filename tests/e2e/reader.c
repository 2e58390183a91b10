#include "reader.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static char text[READER_TEXT_BYTES];

/* One line of what a command prints about a task, the first being 1. */
static const char *ask(const char *command, pid_t task, int wanted)
{
    char line[READER_TEXT_BYTES];
    (void)snprintf(line, sizeof(line), "%s %d 2>/dev/null", command, (int)task);
    text[0] = '\0';
    FILE *pipe = popen(line, "re");
    for (int i = 1; pipe != NULL && fgets(line, sizeof(line), pipe) != NULL; i++) {
        if (i == wanted) {
            (void)snprintf(text, sizeof(text), "%s", line);
        }
    }
    if (pipe != NULL) {
        (void)pclose(pipe);
    }
    text[strcspn(text, "\n")] = '\0';
    return text;
}

/* What stands behind the last `mark` of the text. */
static const char *behind(char mark)
{
    const char *last = strrchr(text, mark);
    if (last != NULL) {
        last++;
        memmove(text, last + strspn(last, " "), strlen(last + strspn(last, " ")) + 1);
    }
    return text;
}

/* The first line of a file below /proc/PID. */
static const char *file_line(pid_t task, const char *name)
{
    char path[64];
    (void)snprintf(path, sizeof(path), "/proc/%d/%s", (int)task, name);
    text[0] = '\0';
    FILE *file = fopen(path, "re");
    if (file != NULL) {
        if (fgets(text, sizeof(text), file) == NULL) {
            text[0] = '\0';
        }
        (void)fclose(file);
    }
    text[strcspn(text, "\n")] = '\0';
    return text;
}

/* A field of stat as proc(5) numbers them; the names of our children hold no odd characters. */
static const char *stat_field(pid_t task, int number)
{
    char *rest = strrchr(file_line(task, "stat"), ')');
    char *field = NULL;
    for (int i = 2; rest != NULL && i < number; i++) {
        field = strtok_r(i == 2 ? rest + 1 : NULL, " ", &rest);
        if (field == NULL) {
            break;
        }
    }
    char copy[READER_TEXT_BYTES];
    (void)snprintf(copy, sizeof(copy), "%s", field != NULL ? field : "");
    memcpy(text, copy, sizeof(text));
    return text;
}

/* chrt prints the policy and the priority on two lines. */
static const char *policy_of(pid_t task)
{
    char policy[64];
    (void)ask("chrt -p", task, 1);
    (void)snprintf(policy, sizeof(policy), "%.60s", behind(' '));
    char priority[64];
    (void)ask("chrt -p", task, 2);
    (void)snprintf(priority, sizeof(priority), "%.60s", behind(' '));
    (void)snprintf(text, sizeof(text), "%s %s", policy, priority);
    return text;
}

const char *reader_read(enum reading what, pid_t task)
{
    switch (what) {
    case READ_NICE:
        return stat_field(task, 19);
    case READ_IO:
        return ask("ionice -p", task, 1);
    case READ_CPUS:
        (void)ask("taskset -pc", task, 1);
        return behind(':');
    case READ_POLICY:
        return policy_of(task);
    case READ_OOM_ADJ:
        return file_line(task, "oom_score_adj");
    case READ_STATE:
        return stat_field(task, 3);
    case READ_AUTOGROUP:
        (void)file_line(task, "autogroup");
        return behind(' ');
    case READ_COUNT:
        break;
    }
    return "";
}

bool reader_all_threads(enum reading what, pid_t process, const char *expected)
{
    char path[64];
    (void)snprintf(path, sizeof(path), "/proc/%d/task", (int)process);
    DIR *dir = opendir(path);
    bool all = dir != NULL;
    for (struct dirent *entry; dir != NULL && (entry = readdir(dir)) != NULL;) {
        pid_t task = (pid_t)strtol(entry->d_name, NULL, 10);
        all = all && (task <= 0 || strcmp(reader_read(what, task), expected) == 0);
    }
    if (dir != NULL) {
        (void)closedir(dir);
    }
    return all;
}
