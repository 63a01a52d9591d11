"""Checks what is pasted into the schedule editor, in headless Chromium: tox -e page"""

from __future__ import annotations

import json
import shlex

import pytest
from selenium.webdriver.common.by import By
from selenium.webdriver.support.select import Select

from frameworks.schedule import Cosine, Hold, loads, lrs
from parity.port.read import read_text
from parity.port.write import TARGETS, write_spellings
from tests.harness.editor import build_hash, fill, read_texts, settle

COSINE = Cosine(base_lr=0.3, updates=20)
HOSTILE = """CosineAnnealingLR(optimizer, T_max='"]</script><img src=x onerror="hacked=1">$(hacked)')"""


def paste(driver, text, rate="", library=""):
    """Put a text into the field for it and press Add."""
    fill(driver, "pasted", text)
    fill(driver, "rate", rate)
    Select(driver.find_element(By.ID, "library")).select_by_value(library)
    driver.find_element(By.CSS_SELECTOR, "[aria-label='Add what was pasted']").click()
    settle(driver)
    return read_texts(driver, "#unread li")


def read_schedule(driver, letter):
    return loads(driver.find_element(By.ID, f"{letter}.json").get_attribute("value"))


def test_a_constructor_becomes_a_schedule_with_its_code(editor):
    driver = editor(build_hash(COSINE))
    text = "CosineAnnealingLR(optimizer, T_max=20, eta_min=0.01)"
    assert paste(driver, text, "0.4", "torch") == []
    schedule = read_text(text, "torch", lr=0.4).schedule
    assert read_schedule(driver, "B") == schedule
    assert read_texts(driver, "#said") == ["Read as CosineAnnealingLR of torch."]
    assert f"lr-parity port '{text}' --from torch --lr 0.4 --to all" in read_texts(driver, "#command")[0]
    driver.execute_script("for (const each of document.querySelectorAll('details')) each.open = true")
    for target in TARGETS:
        for way, spelling in zip(("built-in class", "self-contained"), write_spellings(schedule, target)[-2:]):
            Select(driver.find_element(By.ID, "B.framework")).select_by_value(target)
            Select(driver.find_element(By.ID, "B.way")).select_by_value(
                way if spelling.native else "self-contained")
            assert read_texts(driver, "#card-B .code") == [spelling.code]
            assert not spelling.native or read_texts(driver, "#card-B .note") == [spelling.note]
    Select(driver.find_element(By.ID, "B.way")).select_by_value("built-in class")
    assert read_texts(driver, "#card-B .note") == ["No built-in class of optax applies this schedule."]
    assert read_texts(driver, "#card-B .code") == [""]
    Select(driver.find_element(By.ID, "B.way")).select_by_value("with this project")
    assert read_texts(driver, "#card-B .note")[0].startswith("This project has no back end for optax")


def test_the_example_of_every_class_is_read(editor):
    driver = editor(build_hash(COSINE))
    wrong = driver.execute_script("""
      return LIBRARIES.flatMap(source => DOCUMENT.libraries[source].examples.filter(each => {
        const {schedule} = readPasted(each.text, source, each.lr);
        return !schedule || JSON.stringify(completed(schedule)) !== JSON.stringify(completed(each.schedule));
      }).map(each => each.text));""")
    assert wrong == []
    driver.execute_script("by('paste').open = true")
    driver.find_element(By.CSS_SELECTOR, "#class option[value='paddle 0']").click()
    settle(driver)
    assert read_texts(driver, "#said") == ["Read by Python, when this page was made."]
    assert len(driver.find_elements(By.CSS_SELECTOR, "#plot path")) == 2
    fill(driver, "pasted", driver.find_element(By.ID, "pasted").get_attribute("value").replace("16", "17"))
    driver.find_element(By.CSS_SELECTOR, "[aria-label='Add what was pasted']").click()
    assert read_texts(driver, "#unread li") == ["NoamDecay of paddle is read by Python only"]


@pytest.mark.parametrize(("text", "message"), [
    (HOSTILE, "CosineAnnealingLR: T_max must be a whole number, got '\"]</script>"), ("", "the text is empty"),
    ('{"kind": "<img src=x onerror=hacked=1>"}', "kind: unknown kind"), ("(" * 20_000, "nested more than 20 deep"),
    ("lr,t\n<b>,0", "line 2: lr must be a number from 0"), ("x" * 30_000, "a constructor has at most 20,000"),
    ("lr,step\n0.1,5\n", "line 2: step begins at 5: state the step of the first update"),
    ("epoch,lr\n1,0.1\n", "the column epoch is not understood"),
    ('lr\n"0.1"', "line 2: this page does not read cells in"), ('{"lr": 0.1}\n{', "line 2: not JSON"),
    ("\n \nlr,t\n\n<b>,0", "line 5: lr must be a number from 0"), ('\n{"lr": 0.1}\n{', "line 3: not JSON"),
    ("\n```\n\nlr,step\n0.1,5\n```", "line 5: step begins at 5"), ('\n\nlr\n"0.1"', "line 4: this page does not"),
    ("scheduler = StepLR(optimizer, lr, 5)", "StepLR: step_size needs a number"),
    ("lr,rate\n1,1", "must have one of the columns lr, learning_rate, rate, got"),
])
def test_what_cannot_be_read_is_named_and_gives_the_command(text, message, editor):
    driver = editor(build_hash(COSINE))
    before = driver.current_url
    [shown] = paste(driver, text, "0.4", "torch")
    assert shown.startswith(message)
    command = read_texts(driver, "#command")[0].partition("\n")[2]
    if command.startswith("lr-parity port"):
        assert shlex.split(command)[:6] == ["lr-parity", "port", text.strip(), "--from", "torch", "--lr"]
    assert driver.current_url == before
    assert len(driver.find_elements(By.CSS_SELECTOR, "#plot path")) == 1


def test_a_rate_that_is_no_number_is_named(editor):
    driver = editor(build_hash(COSINE))
    fill(driver, "pasted", "StepLR(torch.optim.SGD(p, lr=0.1), 5)")
    driver.find_element(By.ID, "rate").send_keys("1e")
    driver.find_element(By.CSS_SELECTOR, "[aria-label='Add what was pasted']").click()
    assert read_texts(driver, "#unread li") == ["the rate of the optimizer must be a number"]


def test_a_mistake_in_json_has_its_line(editor):
    driver = editor(build_hash(COSINE))
    [shown] = paste(driver, '\n```json\n{"kind": "cosine",\n}\n```')
    assert "line 4 column 1" in shown


def test_json_is_read(editor):
    driver = editor(build_hash(COSINE))
    held = Hold(updates=7, of=COSINE)
    assert paste(driver, json.dumps(held.model_dump(mode="json", exclude_none=True))) == []
    assert read_schedule(driver, "B") == held
    for number in range(6):
        paste(driver, json.dumps(held.model_dump(mode="json", exclude_none=True)))
        assert ("It replaces schedule F." in read_texts(driver, "#said")[0]) == (number > 3)
    assert len(driver.find_elements(By.CSS_SELECTOR, "#plot path")) == 6


def test_a_log_is_drawn_and_compared(editor):
    driver = editor(build_hash(COSINE, t=3))
    rows = [[t, float(rate)] for t, rate in enumerate(lrs(COSINE, 40).astype("float32"))]
    rows[17][1] *= 1.5
    del rows[3]
    assert paste(driver, "t,lr\n" + "\n".join(f"{t},{rate!r}" for t, rate in rows)) == []
    assert read_texts(driver, "#said") == ["A log of 39 rates, updates 0 to 39. The link does not have it."]
    assert read_texts(driver, "#card-A .compared")[0].startswith(
        "It differs from the log at 1 of 39 updates, first at update 17.")
    assert driver.find_element(By.CSS_SELECTOR, "#plot path[data-of=log]").get_attribute("d").count("H") == 50
    assert read_texts(driver, "#readings tr:nth-child(3) td") == ["not logged"] * 3
    fill(driver, "A.updates", "10")
    assert "first at update 1." in read_texts(driver, "#card-A .compared")[0]
    driver.find_element(By.CSS_SELECTOR, "[aria-label='Remove the log']").click()
    settle(driver)
    assert read_texts(driver, "#card-A .compared") == [""]
    assert driver.find_elements(By.CSS_SELECTOR, "#plot path[data-of=log]") == []
