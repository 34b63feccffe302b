"""Machine code: functions and kernels compiled by numba, and the folder in which they are kept between runs."""
