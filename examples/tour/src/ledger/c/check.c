/* Check digits of numbers, by ISO 7064 MOD 97-10, as bank accounts have them. */
#include <stdint.h>

uint32_t check_digits(uint64_t number) {
    return 98 - (uint32_t)((number % 97) * 100 % 97);
}
