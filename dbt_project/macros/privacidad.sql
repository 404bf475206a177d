{#
  Whether a RUT (12345678-5, its digit already verified) belongs to a legal person: a number from 50.000.000 to
  99.999.999. Never NULL, so that "unknown" counts as "do not publish".
#}
{% macro rut_publicable(rut) -%}
    coalesce(
        case
            when regexp_extract({{ rut }}, '^([0-9]{7,8})-[0-9K]$', 1) <> ''
                then cast(regexp_extract({{ rut }}, '^([0-9]{7,8})-[0-9K]$', 1) as integer)
                    between 50000000 and 99999999
        end,
        false
    )
{%- endmacro %}


{# The expression (the RUT itself, or the name beside it) where the RUT may be published, else NULL. #}
{% macro si_publicable(rut, expresion) -%}
    case when {{ rut_publicable(rut) }} then {{ expresion }} end
{%- endmacro %}


{# What may be said of the person behind a RUT: JURIDICA, or NATURAL_O_NO_DETERMINADA for all else. #}
{% macro tipo_persona(rut) -%}
    case when {{ rut_publicable(rut) }} then 'JURIDICA' else 'NATURAL_O_NO_DETERMINADA' end
{%- endmacro %}
