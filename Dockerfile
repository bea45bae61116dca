# acai-ray in a container: alone, or as the image of a Ray cluster's nodes (docs/slurm-kubernetes.md).
#
#   docker build -t acai-ray .
#   docker run --rm --shm-size 2g -v "$PWD/results:/results" acai-ray tune --space smoke --results /results
#
# pip's torch for Linux runs on CPUs and, where the node has NVIDIA's driver, on GPUs; its CUDA libraries take some GB. An image
# for CPUs alone, or for another CUDA, gets the address of PyTorch's index of such builds: --build-arg TORCH_INDEX=ADDRESS.
FROM python:3.12-slim-bookworm
ARG TORCH_INDEX=

# g++ compiles training steps; KubeRay asks by wget whether a node is well.
RUN apt-get update && apt-get install --no-install-recommends -y g++ wget && rm -rf /var/lib/apt/lists/*

# torch alone and first, so that a change of the program does not fetch it again. Everything goes where a login shell, by which
# KubeRay starts Ray, finds it, too.
WORKDIR /opt/acai-ray
COPY constraints.txt ./
RUN pip install --no-cache-dir -c constraints.txt ${TORCH_INDEX:+--extra-index-url "$TORCH_INDEX"} torch

COPY pyproject.toml README.md LICENSE ./
COPY acai_ray acai_ray
COPY search_spaces search_spaces
RUN pip install --no-cache-dir -c constraints.txt '.[cluster]'

# The same user as in Ray's own images: 1000 in group 100, which a volume's group may be.
RUN useradd --create-home --uid 1000 --gid 100 ray && install -d -o ray -g 100 /results
USER ray
WORKDIR /home/ray
ENV PYTHONUNBUFFERED=1
ENTRYPOINT ["acai-ray"]
CMD ["--help"]
