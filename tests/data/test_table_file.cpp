#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <random>

#include "ntkc/table_file.hpp"
#include "tests/data/support.hpp"

using namespace ntkc;
using namespace ntkc::tests;

namespace {

using Numbers = std::vector<double>;
using Texts = std::vector<std::string>;
using Lines = std::vector<std::int64_t>;

Table read_text(std::string_view text) {
  const TemporaryDirectory directory;
  return read_csv(directory.write("t.csv", text));
}

/// The message, with the path before the line taken away: ":3: …".
std::string refusal(std::string_view text) {
  const TemporaryDirectory directory;
  const std::string path = directory.write("t.csv", text);
  const std::string message = error_of([&] { read_csv(path); });
  return message.starts_with(path + ":") ? message.substr(path.size()) : "without the path: " + message;
}

std::string written(const Table& table) {
  const TemporaryDirectory directory;
  OutputFile out(directory.path("out.csv"));
  write_csv(out, table);
  out.commit();
  return read_file(directory.path("out.csv"));
}

Column numbers(std::string name, Numbers values) {
  return {
      .name = std::move(name), .numeric = true, .numbers = std::move(values), .texts = {}, .first_text = {}};
}

Column texts(std::string name, Texts values) {
  return {
      .name = std::move(name), .numeric = false, .numbers = {}, .texts = std::move(values), .first_text = {}};
}

Table table_of(std::vector<Column> columns, std::int64_t rows) {
  Table table;
  table.columns = std::move(columns);
  table.rows = rows;
  return table;
}

}  // namespace

TEST_CASE("a table of numbers and texts is read") {
  const Table table = read_text("x,label,y\n1,cat,-2.5\n 3e2\t,dog,+4\n");
  CHECK(table.rows == 2);
  CHECK(table.lines == Lines{2, 3});
  REQUIRE(table.columns.size() == 3);
  CHECK(table.find("x")->numeric);
  CHECK(table.find("x")->numbers == Numbers{1, 300});
  CHECK(table.find("x")->texts.empty());
  CHECK_FALSE(table.find("label")->numeric);
  CHECK(table.find("label")->texts == Texts{"cat", "dog"});
  CHECK(table.find("label")->numbers.empty());
  CHECK(table.find("y")->numbers == Numbers{-2.5, 4});
  CHECK(table.find("z") == nullptr);
}

TEST_CASE("quotes, line ends within them, a byte order mark and both ends of line are understood") {
  const Table table =
      read_text("\xef\xbb\xbf\"a\",\"b,c\"\r\n\"say \"\"hi\"\"\",\"1\"\r\n\"two\nlines\",2\r\n\"\",\" 3 \"");
  REQUIRE(table.columns.size() == 2);
  CHECK(table.columns[0].name == "a");
  CHECK(table.columns[1].name == "b,c");
  CHECK(table.columns[0].texts == Texts{"say \"hi\"", "two\nlines", ""});
  CHECK(table.columns[1].numbers == Numbers{1, 2, 3});
  CHECK(table.lines == Lines{2, 3, 5});
}

TEST_CASE("the end of the last line is optional, and empty lines at the end are no rows") {
  for (const std::string_view text : {"a,b\n1,2", "a,b\n1,2\n", "a,b\r\n1,2\r\n\r\n\n"}) {
    const Table table = read_text(text);
    CHECK(table.rows == 1);
    CHECK(table.columns[1].numbers == Numbers{2});
  }
  CHECK(read_text("a,b\n1,").columns[1].texts == Texts{""});
  CHECK(read_text("a\n\n1\n").columns[0].texts == Texts{"", "1"});
  CHECK(read_text("a\n1\n\"\"\n").columns[0].texts == Texts{"1", ""});
}

TEST_CASE("a header without rows is a table of no rows") {
  const Table table = read_text("a,b\n");
  CHECK(table.rows == 0);
  CHECK(table.columns.size() == 2);
  CHECK(table.columns[0].numeric);
}

TEST_CASE("numbers are read exactly, and nothing else counts as one") {
  const auto number = [](const std::string& field) {
    const Table table = read_text("n\n" + field + "\n");
    return table.columns[0].numeric ? table.columns[0].numbers[0] : std::nan("");
  };
  CHECK(number("0.1") == 0.1);
  CHECK(number("5e-324") == 5e-324);
  CHECK(number("1.7976931348623157e308") == std::numeric_limits<double>::max());
  CHECK(number("9007199254740993") == 9007199254740992.0);
  CHECK(number(".5") == 0.5);
  CHECK(number("5.") == 5.0);
  CHECK(number("1e-400") == 0.0);
  CHECK(std::signbit(number("-1e-400")));
  for (const char* field : {"nan", "inf", "-Infinity", "1e400", "-1e99999", "0x10", "1_000", "1 2", "--1",
                            "+-1", "++1", "+", "1e", "e5", ".", "1,5\n", "NA", "true", "\"\""}) {
    CAPTURE(field);
    const std::string text =
        std::string("n,m\n") + (std::string_view(field) == "1,5\n" ? "\"1,5\"" : field) + ",1\n";
    CHECK_FALSE(read_text(text).columns[0].numeric);
  }
}

TEST_CASE("one field that is not a finite number is pointed at") {
  const TemporaryDirectory directory;
  const std::string path = directory.write("t.csv", "a,b,c,d\n1,\"x\ny\",1,1\n2,z,nan,\n3,z,4,5\n");
  const Table table = read_csv(path);
  CHECK(require_numeric(table, *table.find("a")) == Numbers{1, 2, 3});
  CHECK(table.find("c")->numeric_fields == 2);
  CHECK(table.find("c")->first_text_line == 4);
  CHECK(table.find("c")->first_text == "nan");
  CHECK(error_of([&] { require_numeric(table, *table.find("c")); }) ==
        path +
            ":4: column `c` holds `nan` where a number is needed (1 of its 3 values are missing); say "
            "--missing=mean "
            "or --missing=drop, or leave the column out (--drop)");
  CHECK(error_of([&] { require_numeric(table, *table.find("d")); }) ==
        path +
            ":4: column `d` is empty where a number is needed (1 of its 3 values are missing); say "
            "--missing=mean or "
            "--missing=drop, or leave the column out (--drop)");
  CHECK(error_of([&] { require_numeric(table, *table.find("b")); }) ==
        path +
            ":2: column `b` holds `x?y`: a column of texts; leave it out (--drop) or take each text as a "
            "category "
            "(--encode=onehot)");
}

TEST_CASE("a long text in a message is cut between characters") {
  const TemporaryDirectory directory;
  std::string text = "x";
  for (int i = 0; i < 100; ++i) text += "é";
  const Table table = read_csv(directory.write("t.csv", "a\n" + text + "\n"));
  const std::string message = error_of([&] { require_numeric(table, table.columns[0]); });
  CHECK(message.find(text.substr(0, 1 + 2 * 59) + "…`") != std::string::npos);
}

TEST_CASE("a ragged row is refused with its line and both counts") {
  CHECK(refusal("a,b,c\n1,2,3\n1,2\n") ==
        ":3: 2 fields where the header names 3 columns; every row must have as many");
  CHECK(refusal("a\n\"x\ny\"\n1,2\n") ==
        ":4: 2 fields where the header names 1 column; every row must have as many");
  CHECK(refusal("a,b\n\n1,2\n") ==
        ":2: 1 field where the header names 2 columns; every row must have as many");
}

TEST_CASE("a header that does not name every column once is refused") {
  CHECK(refusal("a,b,a\n1,2,3\n") == ":1: columns 1 and 3 are both named `a`; give each a name of its own");
  CHECK(refusal("a,,c\n1,2,3\n") == ":1: column 2 has no name; the first line must name every column");
  CHECK(refusal("a, \n1,2\n") == ":1: column 2 has no name; the first line must name every column");
  CHECK(refusal("") == ": is empty; a table was expected");
  CHECK(refusal("\xef\xbb\xbf") == ": is empty; a table was expected");
  CHECK(refusal("\n\n") == ": is empty; a table was expected");
}

TEST_CASE("text that is no CSV is refused with its line") {
  CHECK(refusal("a,b\n1,\"2\n3,4\n") ==
        ":2: a quoted field begins here and never ends; close it with a quote");
  CHECK(refusal("a\n\"1\"2\n") ==
        ":2: text after the closing quote of a field; double the quotes inside a quoted field");
  CHECK(refusal("a\n\"1\"\r2\n") ==
        ":2: text after the closing quote of a field; double the quotes inside a quoted field");
  CHECK(refusal("a\n1\"2\"\n") ==
        ":2: a quote inside a field that does not begin with one; quote the whole field and double the "
        "quotes in it");
  CHECK(refusal("a\r1\r2\r") ==
        ":1: a carriage return without a line feed; end lines with \"\\n\" or \"\\r\\n\"");
  CHECK(refusal(std::string_view("a\n1\n\0\n", 6)) ==
        ":3: a NUL byte; the file is not CSV text (or is UTF-16: convert it to UTF-8)");
  CHECK(refusal("a\ncaf\xe9\n") ==
        ":2: byte 0xe9 is not UTF-8; convert the file, for example with `iconv -f latin1 -t utf-8`");
  for (const char* bytes : {"\xc0\xaf", "\xe0\x80\xaf", "\xed\xa0\x80", "\xf4\x90\x80\x80",
                            "\xf5\x80\x80\x80", "\x80", "\xe2\x82"}) {
    CHECK(refusal(std::string("a\n") + bytes + "\n").find("is not UTF-8") != std::string::npos);
  }
  CHECK(read_text("a\n\xc3\xa9 \xe2\x82\xac \xf0\x9f\x98\x80\n").rows == 1);
}

TEST_CASE("a table is read from standard input") {
  const StandardInput input("a\n1\nx,\n");
  CHECK(error_of([] { read_csv("-"); }) ==
        "standard input:3: 2 fields where the header names 1 column; every row must have as many");
}

TEST_CASE("empty lines in great number take no longer than their length") {
  // Ten million empty lines before a last row: quadratic code would not end within the test's time limit.
  const Table table = read_text("a\n" + std::string(10'000'000, '\n') + "1\n");
  CHECK(table.rows == 10'000'001);
}

TEST_CASE("numbers are written in the shortest form that reads back the same") {
  CHECK(csv_number(0.1) == "0.1");
  CHECK(csv_number(-2.0) == "-2");
  CHECK(csv_number(1e22) == "1e+22");
  CHECK(csv_number(-2.2250738585072014e-308) == "-2.2250738585072014e-308");
}

TEST_CASE("texts are quoted when they need it") {
  CHECK(csv_text("plain text") == "plain text");
  CHECK(csv_text("a,b") == "\"a,b\"");
  CHECK(csv_text("say \"hi\"") == "\"say \"\"hi\"\"\"");
  CHECK(csv_text("two\nlines") == "\"two\nlines\"");
  CHECK(csv_text("\r") == "\"\r\"");
  CHECK(csv_text("") == "\"\"");
  CHECK(csv_text(" x") == "\" x\"");
}

TEST_CASE("a table is written as CSV") {
  CHECK(written(table_of({texts("label", {"cat", "a,b"}), numbers("p", {0.25, 1e-5})}, 2)) ==
        "label,p\ncat,0.25\n\"a,b\",1e-05\n");
  CHECK(written(table_of({numbers("p", {})}, 0)) == "p\n");
}

TEST_CASE("columns of unequal length are a mistake of the program") {
  const TemporaryDirectory directory;
  OutputFile out(directory.path("out.csv"));
  CHECK_THROWS_AS(write_csv(out, table_of({numbers("a", {1}), numbers("b", {1, 2})}, 2)), std::logic_error);
}

TEST_CASE("what is written is read back the same, whatever the texts and numbers") {
  const TemporaryDirectory directory;
  std::mt19937_64 random(11);
  const std::string alphabet = "ab \",\r\n\t;é\xef\xbb\xbf";
  for (int round = 0; round < 200; ++round) {
    const std::int64_t rows = static_cast<std::int64_t>(random() % 6) + 1;
    Column number = numbers("n\"1", {});
    Column text = texts("t", {"not a number"});
    for (std::int64_t i = 0; i < rows; ++i) {
      number.numbers.push_back(
          std::ldexp(static_cast<double>(random()) - 9e18, static_cast<int>(random() % 1900) - 1000));
      std::string field;
      for (std::size_t k = random() % 8; k-- > 0;) {
        const std::size_t pick = random() % 10;
        field += pick < 8    ? alphabet.substr(pick, 1)
                 : pick == 8 ? alphabet.substr(9, 2)
                             : alphabet.substr(11);
      }
      if (i > 0) text.texts.push_back(field);
    }
    const Table table =
        table_of(random() % 2 == 0 ? std::vector{number, text} : std::vector{text, number}, rows);
    OutputFile out(directory.path("t.csv"));
    write_csv(out, table);
    out.commit();
    const Table again = read_csv(directory.path("t.csv"));
    REQUIRE(again.rows == rows);
    CHECK(again.find("n\"1")->numbers == number.numbers);
    CHECK(again.find("t")->texts == text.texts);
  }
}
