#!/bin/bash
# A study on nodes of a Slurm cluster: `sbatch docs/clusters/slurm.sh`, from the folder that holds .venv; one node is fine, too.
# docs/slurm-kubernetes.md says what to prepare. Look at every line marked YOURS.
#SBATCH --job-name=acai-ray
#SBATCH --partition=gpu # YOURS (1)
#SBATCH --nodes=2 # YOURS (2)
#SBATCH --gpus-per-node=1 # YOURS (3): all GPUs of a node; leave the line out where there are none
#SBATCH --time=08:00:00 # YOURS (4): just before its end the job goes back to the queue, and later goes on
#SBATCH --exclusive
#SBATCH --ntasks-per-node=1
#SBATCH --signal=B:USR1@120
#SBATCH --requeue
#SBATCH --open-mode=append
#SBATCH --output=slurm-%j.log
set -euo pipefail
study=(--space wide --gpus-per-trial 0.25) # YOURS (5): what is run

cd "$SLURM_SUBMIT_DIR"
. .venv/bin/activate
chmod 600 ~/.ray/auth_token # the script ends here where no token was made
ip=$(hostname -I | cut -d ' ' -f 1) # the first of several networks; Ray cannot resolve every host's name
export RAY_AUTH_MODE=token RAY_ADDRESS=$ip:6379 ip
ulimit -n "$(ulimit -Hn)"

head_is_there() { timeout 300 bash -c 'until (: < "/dev/tcp/$ip/6379") 2> /dev/null; do sleep 1; done'; }
export -f head_is_there

# Ray on every node; the first is the head, where this script runs, and the others wait for it.
srun --cpus-per-task="$SLURM_CPUS_ON_NODE" bash -c '
  place=(--head --node-ip-address="$ip" --port=6379 --dashboard-host=127.0.0.1)
  if ((SLURM_PROCID)); then
    place=(--address="$RAY_ADDRESS")
    head_is_there
  fi
  exec ray start --block "${place[@]}" --num-cpus="$SLURM_CPUS_ON_NODE" --num-gpus="${SLURM_GPUS_ON_NODE:-0}"
' > "slurm-$SLURM_JOB_ID.ray.log" 2>&1 &
head_is_there && timeout 300 python -c '
import sys, time, ray
ray.init(log_to_driver=False, logging_level="ERROR")
while sum(node["Alive"] for node in ray.nodes()) < int(sys.argv[1]):
    time.sleep(1)
' "$SLURM_JOB_NUM_NODES" || {
  echo "error: Ray did not start on every node; slurm-$SLURM_JOB_ID.ray.log says why" >&2
  exit 1
}

python -m acai_ray.tune "${study[@]}" --storage "$PWD/checkpoints" &
driver=$!
trap 'again=yes; kill -TERM $driver' USR1 # Slurm's signal to this script alone: the study stops while Ray still runs
code=0
wait $driver || code=$?
if [[ ${again:-} ]]; then # the signal ended the first wait, not the study
  wait $driver || code=$?
  ((code != 130)) || scontrol requeue "$SLURM_JOB_ID"
fi
exit "$code"
