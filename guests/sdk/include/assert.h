#undef assert

#ifdef NDEBUG
#define assert(condition) ((void)0)
#else
#define assert(condition) \
  ((condition) ? (void)0 : vouch_assertion_failed(#condition, __FILE__, __LINE__, __func__))
#endif

#ifndef VOUCH_ASSERT_H
#define VOUCH_ASSERT_H

#ifdef __cplusplus
extern "C" {
#else
#define static_assert _Static_assert
#endif

__attribute__((noreturn, cold)) void vouch_assertion_failed(const char *condition, const char *file,
                                                            unsigned line, const char *function);

#ifdef __cplusplus
}
#endif

#endif
