r"""The surface of a three-dimensional mask, halfway between the voxels inside and those outside (marching cubes).

Eight voxels are the corners of a cell. How the surface cuts a cell depends only on which of its corners are inside; so
it is enough to count how often each of the 256 cases occurs. Voxels that touch at an edge only are joined.

References
----------
Lewiner T et al. Efficient implementation of marching cubes' cases with topological guarantees. Journal of Graphics
Tools 2003;8:1-15.
"""

import math
from functools import cache, lru_cache
from itertools import product

import numpy as np

from radlearn.radiomics import _kernels

# The triangles of each case, as `read_triangles` reads them. Bit 4 z + 2 y + x of a case is set if the corner (z, y, x)
# of the cell is inside.
TRIANGLES = """
- bea fca beccef dgb dgaage bagafgcdgcgf dgcgfcgef hdc dbhbehachahe hdffda bedehdefh chbbhg chaheahge
afbfgbfhg hefgeh eji abiibj ifjfcjaejajc fcicjicbj gjdjidebdedi jigidgiad gjeiejeifefacafacbdbcbdgbge
gjigifdgfcdf hdcjie acihicihjdjhjdb aedjdedjhihjhif fhdjfdbjdifj cebecihicihjgjh hgcgiciacigj ebajigfgigfh
gjifgihgf ikf eibikbfabfbk ikaakc ikekbekcb ikfgbd dfafdkgkdkgieig cdkgkdkgibigiba kcdekdgedkei khihdicficid
eifkfifkhfhcdchcdabadabeaef hdkdikdai khdkdbikbeib cfbibfbigkgigkh facikehekehg aikgakhgkbag eikhekgeh ejffjk
abfbkfbjk ejajcajkc bkcjkb kgjgkdfdkdfbebf jkfdjfadfgjd baedgcjcgcjk cdgjcgkcj khjdjhjdecedecf facbhdhbkjkb
daekdejkedkh khdbkdjkb khjgjhecfceb kmjmfjajfjagcgagcmmhgkhmmcf kmjkemekahakahbmbhhgmmgjebm khgkgj glj
jelealbglbla fcaljg bgclcgclfjflfje bdjjdl eajaljadl bajfjajflclflcd dlclecefclje gdjdcjhljhjc
hlgjglgjegebabebadcdadchdhg agdgajfjajflhlf gdbljhehjhef ljhjchjbc ljhhjcjeceac jbahjafhajhl hljehjfhe ielleg
glblablia iflclflcgagcgae lifblfcbflbg bdediedli diadli ebadfcfdilid ifcdiclid ihlhicecicedgde dbgchalahali
gaeagdiflhlf imligmgibfbibfdmdffhmmhlgdm bcecleliechl achlahial imlmelblelbhahbhammfhifmmae ifhihl
lkgkfgijgigf ebgbeafaeifefikjkikjlgljegj clklcgagcgajija eijkglgkbcbk bijibfdfbfdklkd ijekflalflad
cdklkdibabij lmdmjdedjdecicecimmkclkmmij hcfchdgdhlghgljkjljkifikhfk eijdbgfachlk lkhjgidigida dbgijelkh
hlkjfifjcbcj acflkhije imamkahakahblbhblmmjbijmmlk khlije kflfglfeg glbblalkakfa egagkakcaglk bglkblcbk
fekedkdlkdeb lkfalfdla lmdlbmblekelekamakkcmmcdbam lkclcd lkhfdcdfgegf hlkgdbfac amdahmhakekakelmleegmmgdhlm
dbghlk cmbmhblbhblekelekmmfecfmmkh fackhl aebkhl lkh klh bealhk hclcallafklf bhchblelblekfke lgkgbkdhkdkb
dhakahakelekelg fkhlhkhlghgdbdgdbcacbcafcfh hcdklfgflfge klccld dblelblekakekac klflaflda efkdekldkedb
gblbklbck geakgackalgk lgblbaklafka fklgflefg jlelhekiekeh akikahbhahbljlb faeafchcfkhfhklilklijejifei
kiflhjcjhjcb gdhdgbebgjegejilijilkhklghl gjlihkhidadi gjlcdhebafki cdhjlgkif djljdecedecikic jdbdjlacikic
fkilejeladal jmbmibfbibfdkdfdkmmldjlmmki jlgiekbkekbc kmcmlcgclcgajagajmmiakimmjl baekifjlg ifkjlg fihhil
leielbhblbhafah cahalhail cbelceilehcl lgibigibfdfbfdh fahdhaleielg hcdagbgalila lmimhicihicedecedmmgelgmmdh
ficidcild acfbedidedil idaldi dbeideldi ilflbfbcfblg lmilfmflcgclcgamaggemmeifam lgbalbila eilelg lhjhejhfe
bjajhahfahjl jlhjhcejcaec jlhcjhbjc jlghbdbhefeh dmamgajagajflfjflmmhfdhmmlg gjlebahcd hcdlgj ldcelcfecjle
jmbjamajflfjflcmclldmmdbacm aejlajdal dbjdjl cmbcgmgclflclfjmjffemmebgjm acfgjl baegjl lgj hkggkj
jekakekahbhahbg jfkfjagajagchcg jfkfjehcgbgc hkdkbdkjb adedkekjekdh cdhafbkbfbkj jmkjhmhjdedjdecmceefmmfkhcm
dcgcjgckj gdbceaecjkjc kjfjdfdafjgd jmkmgkdkgkdfbfdfbmmefjemmbg kbckjb jeacjakjc bafkbfjbk jefjfk iekehkegh
iakagkghkabg kifecacehghe bmcbfmfbigibigkmkgghmmhcfkm hkddkbkibieb dhkidkadi fkihcdeba cdhfki ckdkedegdeki
kmckdmdkgigkgibmbiiammacdbm amdmfdkdfdkgigkgimmegaemmif fkidbg kiebkeckb kiakac fkiaeb kif jgigfighf
ijegabagfhfg ghcigcaicgij bmcmecicecihjhihjmmghbgmmje hfdfjdjbdfij dmademedjhjdjhimihhfmmfaeim
imaicmcihjhihjdmdjjbmmbacdm cdheij jgiigfgdfdcf eijfacgdb ijgdigaid eijbgd cfijcibcj acfeij baibij jei ehfegh
fabgfbhfg hcaehaghe hcbhbg ebdhedfeh dhfdfa aebcdh dhc gdcfgcegf cfadbg gdagae gdb ebcecf cfa eba -
"""


def surface_area_and_volume(mask, spacing):
    """Area of the surface, and the volume inside.

    Parameters
    ----------
    mask : ndarray of bool, shape (z, y, x)
        With at least one voxel; beyond its border everything is outside.
    spacing : tuple of float
        Distance of voxel centers in mm.

    Returns
    -------
    area : float
        In mm^2.
    volume : float
        In mm^3.

    Examples
    --------
    >>> area, volume = surface_area_and_volume(np.ones((1, 1, 1), bool), (2, 2, 2))
    >>> print(round(area, 3), round(volume, 3))  # an octahedron
    6.928 1.333
    """
    padded = np.zeros([length + 2 for length in mask.shape], np.uint8)
    padded[1:-1, 1:-1, 1:-1] = mask
    counts = _kernels.count_cells(padded).astype(float)
    return float(counts @ cell_areas(tuple(spacing))), float(counts @ cell_volumes()) * math.prod(spacing)


@cache
def cell_triangles():
    """Triangles of all 256 cases; see `read_triangles`."""
    return read_triangles(TRIANGLES)


def read_triangles(table):
    """Triangles of the cases in a table.

    Parameters
    ----------
    table : str
        One word for each case, with three letters for each triangle; "-" for a case without triangles. The letters a to
        l are the middles of the 12 edges of the cell in the order of their positions, m is its center.

    Returns
    -------
    cases : ndarray of int, shape (n_triangles,)
        Case of each triangle: the position of its word.
    triangles : ndarray of shape (n_triangles, 3, 3)
        Corners (z, y, x), in units of the cell.

    Examples
    --------
    >>> cases, triangles = read_triangles("- aeb")
    >>> cases.tolist(), triangles.tolist()
    ([1], [[[0.0, 0.0, 0.5], [0.5, 0.0, 0.0], [0.0, 0.5, 0.0]]])
    """
    middles = [place for place in product((0, 0.5, 1), repeat=3) if place.count(0.5) == 1]
    places = dict(zip("abcdefghijklm", [*middles, (0.5, 0.5, 0.5)], strict=True))
    words = [word.strip("-") for word in table.split()]
    corners = np.array([places[letter] for letter in "".join(words)]).reshape(-1, 3, 3)
    return np.repeat(np.arange(len(words)), [len(word) // 3 for word in words]), corners


@lru_cache(maxsize=128)
def cell_areas(spacing):
    """Area of the surface in the cell in mm^2, for each case; shape (256,).

    Parameters
    ----------
    spacing : tuple of float
        Distance of voxel centers in mm.
    """
    cases, triangles = cell_triangles()
    a, b, c = np.moveaxis(triangles * spacing, 1, 0)
    areas = np.linalg.norm(np.cross(b - a, c - a), axis=1) / 2
    return np.bincount(cases, weights=areas, minlength=256)


@cache
def cell_volumes():
    """Part of the cell that lies inside, for each case; shape (256,).

    By the divergence theorem it is a third of the flux of the position, seen from the center of the cell: through the
    triangles, and through the parts of the cell's faces that lie inside.
    """
    cases, triangles = cell_triangles()
    a, b, c = np.moveaxis(triangles - 0.5, 1, 0)
    flux = np.bincount(cases, weights=np.einsum("ti,ti->t", a, np.cross(b, c)) / 2, minlength=256)
    corners = (np.arange(256)[:, np.newaxis] >> np.arange(8) & 1).reshape(-1, 2, 2, 2)
    faces = np.concatenate([np.moveaxis(corners, axis, 1).reshape(256, 2, 4) for axis in (1, 2, 3)], axis=1)
    n_inside = faces.sum(axis=2)
    # Two opposite corners of a face are joined.
    is_diagonal = (n_inside == 2) & (faces[..., 0] == faces[..., 3])
    area = np.where(is_diagonal, 6, np.array([0, 1, 4, 7, 8])[n_inside]) / 8
    return (area.sum(axis=1) / 2 - flux) / 3  # the triangles turn inwards
