from benchmarks import speed


def test_a_quick_run_goes_every_way_on_the_same_texts():
    rows = {row["side"]: row for row in speed.run(quick=True)["rows"]}
    assert set(rows) == {speed.REFERENCE, speed.PLAIN, speed.TEXTS, speed.PIECES, speed.TWO, speed.FLOOR}
    assert rows[speed.REFERENCE]["times the reference"] == 1
    assert rows[speed.FLOOR]["of the floor"] == 1
    assert rows[speed.TWO]["decoded positions"] < rows[speed.TEXTS]["decoded positions"]


def test_an_answer_is_parsed_as_the_reference_does():
    match = speed.ANSWER.search("category: Online Financial Fraud subcategory: Vishing")
    assert (match["category"], match["sub_category"]) == ("Online Financial Fraud", "Vishing")
