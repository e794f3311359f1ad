#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# scripts/lib/gpu_report on logs that were written by hand: nothing else runs it where there is no device.
set -uo pipefail
library=$(dirname "${BASH_SOURCE[0]}")/../../scripts/lib
output=$(mktemp -d) report= only= failed=0
report=$output/report.md
trap 'rm -rf "$output"' EXIT
source "$library/install"
source "$library/gpu_report"

expect() {  # expect NAME TEXT ACTUAL
  if [[ $3 != "$2" ]]; then
    printf 'FAILED: %s\nexpected:\n%s\ngot:\n%s\n\n' "$1" "$2" "$3"
    failed=$((failed + 1))
  fi
}

step "what works" bash -c 'echo fine; echo "{\"long\": 1}"' >/dev/null
step "what fails, says so" bash -c 'echo wrong; exit 3' >/dev/null
expect "steps" "
## what works: passed

    fine

## what fails, says so: FAILED (3)

    wrong" "$(cat "$report")"
expect "failures" "what fails, says so" "${failures[*]}"
expect "a step's log" '{"long": 1}' "$(tail -n 1 "$output/what_works.log")"

cat >"$output/bench.log" <<'LOG'
conv2d_tensor/c2/batch:64/forward/manual_time       30.0 us         29.0 us         1000 TFLOP/s=1/s
conv2d_cudnn/c2/batch:64/forward/manual_time        20.0 us         29.0 us         1000 TFLOP/s=1/s
conv2d_tensor/c3/batch:64/forward/manual_time       30.0 us         29.0 us         1000 TFLOP/s=1/s
conv2d_cudnn/c3/batch:64/forward/manual_time ERROR OCCURRED: 'cuDNN has no deterministic plan for this graph'
batch_norm_backward_cudnn/64/manual_time            50.0 us         29.0 us         1000 GB/s=1/s
batch_norm_backward<float>/64/manual_time           99.0 us         29.0 us         1000 GB/s=1/s
batch_norm_backward<bfloat16>/64/manual_time        25.0 us         29.0 us         1000 GB/s=1/s
LOG
expect "pairs of rows" "| conv2d/c2/batch:64/forward | 30.0 | 20.0 | 1.50 |
| batch_norm_backward/64 | 25.0 | 50.0 | 0.50 |" "$(beside_cudnn "$output/bench.log" | tail -n +6)"

training() { echo "{\"epochs\": 2, \"seconds\": 1.5, \"loss\": 0.5, \"accuracy\": $1, \"history\": [{\"images_per_second\": 1000}]}"; }
training 0.5 >"$output/fer2013_bf16-1.log"
{ echo "words before it"; training 0.75; } >"$output/fer2013_bf16-2.log"
echo "killed" >"$output/fer2013_tutorial.log"
expect "trainings" "| bf16-1 | 2 | 1.5 | 1000 | 0.5000 | 50.00 % |
| bf16-2 | 2 | 1.5 | 1000 | 0.5000 | 75.00 % |
| tutorial | did not finish | | | | |

- bf16: mean 62.50 %, 50.00 to 75.00 over 2 seeds" "$(trainings_table "$output"/fer2013_*.log | tail -n +6)"

part bench || expect "without --only" "every part" "no bench"
only=tests
if part bench; then expect "--only tests" "no bench" "bench"; fi

[[ $failed == 0 ]] && echo "all as expected"
exit "$failed"
