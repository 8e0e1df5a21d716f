"""Columns of separate taxation, carried losses, foreign tax and relief: one ALTER TABLE a table, not one a column."""

from django.db import migrations, models

FACTS = (
    ("casualty_carried_yen", "雑損失の繰越額"),
    ("foreign_tax_excess_yen", "国税で控除しきれない外国所得税額"),
    ("foreign_tax_limit_yen", "外国所得税の国税の控除限度額"),
    ("forestry_income_yen", "山林の損益"),
    ("futures_income_yen", "先物取引の損益"),
    ("futures_loss_carried_yen", "先物取引の損失の繰越額"),
    ("home_loss_carried_yen", "居住用財産の譲渡損失の繰越額"),
    ("home_loss_yen", "居住用財産の譲渡損失"),
    ("listed_dividend_yen", "上場株式等の配当等(申告分離)"),
    ("long_home_gain_yen", "分離長期譲渡の損益(居住用・軽課)"),
    ("long_home_special_yen", "分離長期譲渡の特別控除額(居住用・軽課)"),
    ("long_housing_gain_yen", "分離長期譲渡の損益(優良住宅地等)"),
    ("long_housing_special_yen", "分離長期譲渡の特別控除額(優良住宅地等)"),
    ("long_land_gain_yen", "分離長期譲渡の損益(一般)"),
    ("long_land_special_yen", "分離長期譲渡の特別控除額(一般)"),
    ("relief_city_yen", "減免する額(市民税)"),
    ("relief_forest_yen", "免除する額(森林環境税)"),
    ("relief_prefecture_yen", "減免する額(道府県民税)"),
    ("retirement_income_yen", "退職所得"),
    ("shares_listed_gain_yen", "上場株式等の譲渡の損益"),
    ("shares_loss_carried_yen", "上場株式等の譲渡損失の繰越額"),
    ("shares_unlisted_gain_yen", "一般株式等の譲渡の損益"),
    ("short_land_gain_yen", "分離短期譲渡の損益(一般)"),
    ("short_land_special_yen", "分離短期譲渡の特別控除額(一般)"),
    ("short_state_gain_yen", "分離短期譲渡の損益(国等への譲渡)"),
    ("short_state_special_yen", "分離短期譲渡の特別控除額(国等への譲渡)"),
)
RESULTS = (
    ("casualty_loss_arising_yen", "翌年へ繰り越す雑損失"),
    ("casualty_used_yen", "雑損失の繰越控除額"),
    ("foreign_credit_city_yen", "外国税額控除(市民税)"),
    ("foreign_credit_prefecture_yen", "外国税額控除(道府県民税)"),
    ("foreign_tax_unused_yen", "翌年へ繰り越す控除しきれない外国税額"),
    ("forestry_net_yen", "山林所得金額(損益通算後)"),
    ("futures_loss_arising_yen", "翌年へ繰り越す先物取引の損失"),
    ("futures_loss_used_yen", "先物取引の損失の繰越控除額"),
    ("general_income_yen", "総所得金額(繰越控除前)"),
    ("home_loss_arising_yen", "翌年へ繰り越す居住用財産の譲渡損失"),
    ("home_loss_used_yen", "居住用財産の譲渡損失の繰越控除額"),
    ("net_futures_yen", "先物取引に係る雑所得等"),
    ("net_listed_dividend_yen", "上場株式等に係る配当所得等"),
    ("net_long_home_yen", "長期譲渡所得(居住用・軽課)"),
    ("net_long_housing_yen", "長期譲渡所得(優良住宅地等)"),
    ("net_long_land_yen", "長期譲渡所得(一般)"),
    ("net_loss_arising_yen", "翌年へ繰り越す純損失(要件を満たす場合)"),
    ("net_loss_used_yen", "純損失の繰越控除額"),
    ("net_shares_listed_yen", "上場株式等に係る譲渡所得等"),
    ("net_shares_unlisted_yen", "一般株式等に係る譲渡所得等"),
    ("net_short_land_yen", "短期譲渡所得(一般)"),
    ("net_short_state_yen", "短期譲渡所得(国等への譲渡)"),
    ("retirement_net_yen", "退職所得金額(損益通算後)"),
    ("separate_income_yen", "分離課税の所得金額の合計(特別控除前)"),
    ("separate_levy_city_yen_e4", "分離課税の所得割額(市民税)"),
    ("separate_levy_prefecture_yen_e4", "分離課税の所得割額(道府県民税)"),
    ("shares_loss_arising_yen", "翌年へ繰り越す上場株式等の譲渡損失"),
    ("shares_loss_used_yen", "上場株式等の譲渡損失の繰越控除額"),
    ("taxable_forestry_yen", "課税山林所得金額"),
    ("taxable_futures_yen", "先物取引に係る課税雑所得等の金額"),
    ("taxable_listed_dividend_yen", "上場株式等に係る課税配当所得等の金額"),
    ("taxable_long_home_yen", "課税長期譲渡所得金額(居住用)"),
    ("taxable_long_housing_yen", "課税長期譲渡所得金額(優良住宅地等)"),
    ("taxable_long_land_yen", "課税長期譲渡所得金額(一般)"),
    ("taxable_retirement_yen", "課税退職所得金額"),
    ("taxable_shares_listed_yen", "上場株式等に係る課税譲渡所得等の金額"),
    ("taxable_shares_unlisted_yen", "一般株式等に係る課税譲渡所得等の金額"),
    ("taxable_short_land_yen", "課税短期譲渡所得金額(一般)"),
    ("taxable_short_state_yen", "課税短期譲渡所得金額(国等)"),
)
# New words for columns that are there: gains may be losses, the carried loss is what is there and not what is used.
RENAMED = (
    ("long_gain_yen", "総合譲渡の損益(長期)"),
    ("loss_carried_forward_yen", "純損失の繰越額"),
    ("short_gain_yen", "総合譲渡の損益(短期)"),
)


def _field(title: str) -> models.BigIntegerField:
    return models.BigIntegerField(title, default=0)


def _added(model: str, columns: tuple[tuple[str, str], ...]) -> migrations.SeparateDatabaseAndState:
    table = f"assessment_{model}"
    adds = ", ".join(f"ADD COLUMN {name} bigint NOT NULL DEFAULT 0" for name, _ in columns)
    defaults = ", ".join(f"ALTER COLUMN {name} DROP DEFAULT" for name, _ in columns)
    drops = ", ".join(f"DROP COLUMN {name}" for name, _ in columns)
    return migrations.SeparateDatabaseAndState(
        database_operations=[
            migrations.RunSQL(
                f"ALTER TABLE {table} {adds}; ALTER TABLE {table} {defaults}", f"ALTER TABLE {table} {drops}"
            )
        ],
        state_operations=[
            migrations.AddField(model_name=model, name=name, field=_field(title)) for name, title in columns
        ],
    )


class Migration(migrations.Migration):
    dependencies = [("assessment", "0007_filed_papers")]

    operations = [
        _added("residentfacts", FACTS),
        _added("residentresult", RESULTS),
        *(migrations.AlterField("residentfacts", name, _field(title)) for name, title in RENAMED),
    ]
