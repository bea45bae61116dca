"""The works a methods section cites."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Reference:
    """One work, with BibTeX's fields.

    Attributes:
        kind: BibTeX's entry type.
        authors: `Given Family`, in order.
        fields: the other fields of the entry, in order; the first says where it appeared.
    """

    kind: str
    authors: tuple[str, ...]
    title: str
    year: str = ""
    fields: Mapping[str, str] = field(default_factory=dict)

    @property
    def label(self) -> str:
        """`Berthelot et al. 2018`."""
        families = [author.split()[-1] for author in self.authors]
        names = f"{families[0]} et al." if len(families) > 2 else " and ".join(families)
        return f"{names} {self.year}".strip()

    @property
    def text(self) -> str:
        """The whole reference as one line."""
        details = [f"{SPOKEN.get(name, '')}{value}" for name, value in self.fields.items()]
        where = ", ".join(filter(None, [*details, self.year]))
        return f"{', '.join(self.authors)}. {self.title}. {where}."


SPOKEN = {"eprint": "arXiv:", "doi": "doi:", "volume": "volume ", "number": "number ", "pages": "pages "}
"""What stands before the value of a field."""

NEURIPS = "Advances in Neural Information Processing Systems"

REFERENCES = {
    "berthelot2018": Reference(
        "misc",
        ("David Berthelot", "Colin Raffel", "Aurko Roy", "Ian Goodfellow"),
        "Understanding and Improving Interpolation in Autoencoders via an Adversarial Regularizer",
        "2018",
        {"eprint": "1807.07543"},
    ),
    "naayem": Reference(
        "techreport",
        ("V. Naayem",),
        "Adversarial regularizer for improving autoencoders' latent space with human 3d-poses",
        fields={"institution": "EPFL", "type": "Semester report"},
    ),
    "ionescu2014": Reference(
        "article",
        ("Catalin Ionescu", "Dragos Papava", "Vlad Olaru", "Cristian Sminchisescu"),
        "Human3.6M: Large Scale Datasets and Predictive Methods for 3D Human Sensing in Natural Environments",
        "2014",
        {
            "journal": "IEEE Transactions on Pattern Analysis and Machine Intelligence",
            "volume": "36",
            "number": "7",
            "pages": "1325–1339",
            "doi": "10.1109/TPAMI.2013.248",
        },
    ),
    "ioffe2015": Reference(
        "inproceedings",
        ("Sergey Ioffe", "Christian Szegedy"),
        "Batch Normalization: Accelerating Deep Network Training by Reducing Internal Covariate Shift",
        "2015",
        {"booktitle": "International Conference on Machine Learning", "pages": "448–456", "eprint": "1502.03167"},
    ),
    "martinez2017": Reference(
        "inproceedings",
        ("Julieta Martinez", "Rayat Hossain", "Javier Romero", "James J. Little"),
        "A Simple Yet Effective Baseline for 3d Human Pose Estimation",
        "2017",
        {"booktitle": "IEEE International Conference on Computer Vision", "eprint": "1705.03098"},
    ),
    "zhao2019": Reference(
        "inproceedings",
        ("Long Zhao", "Xi Peng", "Yu Tian", "Mubbasir Kapadia", "Dimitris N. Metaxas"),
        "Semantic Graph Convolutional Networks for 3D Human Pose Regression",
        "2019",
        {"booktitle": "IEEE/CVF Conference on Computer Vision and Pattern Recognition", "eprint": "1904.03345"},
    ),
    "kipf2017": Reference(
        "inproceedings",
        ("Thomas N. Kipf", "Max Welling"),
        "Semi-Supervised Classification with Graph Convolutional Networks",
        "2017",
        {"booktitle": "International Conference on Learning Representations", "eprint": "1609.02907"},
    ),
    "kingma2015": Reference(
        "inproceedings",
        ("Diederik P. Kingma", "Jimmy Ba"),
        "Adam: A Method for Stochastic Optimization",
        "2015",
        {"booktitle": "International Conference on Learning Representations", "eprint": "1412.6980"},
    ),
    "bergstra2011": Reference(
        "inproceedings",
        ("James Bergstra", "Rémi Bardenet", "Yoshua Bengio", "Balázs Kégl"),
        "Algorithms for Hyper-Parameter Optimization",
        "2011",
        {"booktitle": NEURIPS, "volume": "24"},
    ),
    "ozaki2022": Reference(
        "article",
        ("Yoshihiko Ozaki", "Yuki Tanigaki", "Shuhei Watanabe", "Masahiro Nomura", "Masaki Onishi"),
        "Multiobjective Tree-Structured Parzen Estimator",
        "2022",
        {"journal": "Journal of Artificial Intelligence Research", "volume": "73", "pages": "1209–1250"},
    ),
    "akiba2019": Reference(
        "inproceedings",
        ("Takuya Akiba", "Shotaro Sano", "Toshihiko Yanase", "Takeru Ohta", "Masanori Koyama"),
        "Optuna: A Next-generation Hyperparameter Optimization Framework",
        "2019",
        {
            "booktitle": "ACM SIGKDD International Conference on Knowledge Discovery and Data Mining",
            "pages": "2623–2631",
            "doi": "10.1145/3292500.3330701",
        },
    ),
    "li2020": Reference(
        "inproceedings",
        (
            "Liam Li",
            "Kevin Jamieson",
            "Afshin Rostamizadeh",
            "Ekaterina Gonina",
            "Jonathan Ben-tzur",
            "Moritz Hardt",
            "Benjamin Recht",
            "Ameet Talwalkar",
        ),
        "A System for Massively Parallel Hyperparameter Tuning",
        "2020",
        {"booktitle": "Conference on Machine Learning and Systems", "eprint": "1810.05934"},
    ),
    "deb2002": Reference(
        "article",
        ("Kalyanmoy Deb", "Amrit Pratap", "Sameer Agarwal", "T. Meyarivan"),
        "A Fast and Elitist Multiobjective Genetic Algorithm: NSGA-II",
        "2002",
        {
            "journal": "IEEE Transactions on Evolutionary Computation",
            "volume": "6",
            "pages": "182–197",
            "doi": "10.1109/4235.996017",
        },
    ),
    "liaw2018": Reference(
        "misc",
        (
            "Richard Liaw",
            "Eric Liang",
            "Robert Nishihara",
            "Philipp Moritz",
            "Joseph E. Gonzalez",
            "Ion Stoica",
        ),
        "Tune: A Research Platform for Distributed Model Selection and Training",
        "2018",
        {"eprint": "1807.05118"},
    ),
    "naeem2020": Reference(
        "inproceedings",
        ("Muhammad Ferjad Naeem", "Seong Joon Oh", "Youngjung Uh", "Yunjey Choi", "Jaejun Yoo"),
        "Reliable Fidelity and Diversity Metrics for Generative Models",
        "2020",
        {"booktitle": "International Conference on Machine Learning", "pages": "7176–7185", "eprint": "2002.09797"},
    ),
    "kynkaanniemi2019": Reference(
        "inproceedings",
        ("Tuomas Kynkäänniemi", "Tero Karras", "Samuli Laine", "Jaakko Lehtinen", "Timo Aila"),
        "Improved Precision and Recall Metric for Assessing Generative Models",
        "2019",
        {"booktitle": NEURIPS, "volume": "32", "eprint": "1904.06991"},
    ),
    "heusel2017": Reference(
        "inproceedings",
        ("Martin Heusel", "Hubert Ramsauer", "Thomas Unterthiner", "Bernhard Nessler", "Sepp Hochreiter"),
        "GANs Trained by a Two Time-Scale Update Rule Converge to a Local Nash Equilibrium",
        "2017",
        {"booktitle": NEURIPS, "volume": "30", "eprint": "1706.08500"},
    ),
    "dowson1982": Reference(
        "article",
        ("D. C. Dowson", "B. V. Landau"),
        "The Fréchet distance between multivariate normal distributions",
        "1982",
        {"journal": "Journal of Multivariate Analysis", "volume": "12", "number": "3", "pages": "450–455"},
    ),
    "umeyama1991": Reference(
        "article",
        ("Shinji Umeyama",),
        "Least-squares estimation of transformation parameters between two point patterns",
        "1991",
        {
            "journal": "IEEE Transactions on Pattern Analysis and Machine Intelligence",
            "volume": "13",
            "number": "4",
            "pages": "376–380",
            "doi": "10.1109/34.88573",
        },
    ),
    "holm1979": Reference(
        "article",
        ("Sture Holm",),
        "A simple sequentially rejective multiple test procedure",
        "1979",
        {"journal": "Scandinavian Journal of Statistics", "volume": "6", "number": "2", "pages": "65–70"},
    ),
    "satterthwaite1946": Reference(
        "article",
        ("F. E. Satterthwaite",),
        "An approximate distribution of estimates of variance components",
        "1946",
        {"journal": "Biometrics Bulletin", "volume": "2", "number": "6", "pages": "110–114"},
    ),
    "schuirmann1987": Reference(
        "article",
        ("Donald J. Schuirmann",),
        "A comparison of the two one-sided tests procedure and the power approach for assessing the equivalence of "
        "average bioavailability",
        "1987",
        {
            "journal": "Journal of Pharmacokinetics and Biopharmaceutics",
            "volume": "15",
            "number": "6",
            "pages": "657–680",
        },
    ),
}
"""By citation key."""
