"""Administrative regions (GB/T 2260): which codes can exist, and what they are called."""

from collections.abc import Mapping

from riskengine.words import Text

PROVINCES: Mapping[str, Text] = {
    code: Text(zh, en)
    for code, zh, en in (
        ("11", "北京", "Beijing"), ("12", "天津", "Tianjin"), ("13", "河北", "Hebei"),
        ("14", "山西", "Shanxi"), ("15", "内蒙古", "Inner Mongolia"), ("21", "辽宁", "Liaoning"),
        ("22", "吉林", "Jilin"), ("23", "黑龙江", "Heilongjiang"), ("31", "上海", "Shanghai"),
        ("32", "江苏", "Jiangsu"), ("33", "浙江", "Zhejiang"), ("34", "安徽", "Anhui"),
        ("35", "福建", "Fujian"), ("36", "江西", "Jiangxi"), ("37", "山东", "Shandong"),
        ("41", "河南", "Henan"), ("42", "湖北", "Hubei"), ("43", "湖南", "Hunan"),
        ("44", "广东", "Guangdong"), ("45", "广西", "Guangxi"), ("46", "海南", "Hainan"),
        ("50", "重庆", "Chongqing"), ("51", "四川", "Sichuan"), ("52", "贵州", "Guizhou"),
        ("53", "云南", "Yunnan"), ("54", "西藏", "Tibet"), ("61", "陕西", "Shaanxi"),
        ("62", "甘肃", "Gansu"), ("63", "青海", "Qinghai"), ("64", "宁夏", "Ningxia"),
        ("65", "新疆", "Xinjiang"), ("71", "台湾", "Taiwan"), ("81", "香港", "Hong Kong"),
        ("82", "澳门", "Macao"),
    )
}  # fmt: skip
"""Province-level codes of GB/T 2260; stable, unlike county codes."""

CODE_LENGTHS = (6, 9, 12)
"""Digits of a county, township and village code."""


WITHOUT_COUNTIES = frozenset({"4419", "4420", "4604", "6202"})
"""Cities without counties (Dongguan, Zhongshan, Danzhou, Jiayuguan): their towns stand under 00."""


def is_region_code(code: str) -> bool:
    """Whether a text can be a region code of a county, township or village.

    Parameters
    ----------
    code : str
        Text to test.

    Returns
    -------
    bool
        True for 6, 9 or 12 digits under a province that exists, county part not 00.

    Examples
    --------
    >>> is_region_code("370983"), is_region_code("990101"), is_region_code("370000")
    (True, False, False)
    """
    if not (code.isascii() and code.isdigit() and len(code) in CODE_LENGTHS):
        return False
    county = code[4:6] != "00" or (code[:4] in WITHOUT_COUNTIES and len(code) > len(code[:6]))
    return code[:2] in PROVINCES and county


def province_of(code: str) -> Text:
    """Return the province that a region code lies in.

    Parameters
    ----------
    code : str
        Region code of at least two digits.

    Returns
    -------
    Text
        Name of the province, or the code itself when unknown.
    """
    return PROVINCES.get(code[:2], Text(code[:2], code[:2]))
